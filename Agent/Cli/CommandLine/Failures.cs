using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary>Gives every exception its stable code.</summary>
internal static class Failures
{
    /// <summary>The failure as this product's own.</summary>
    public static ChunkOtaException Known(Exception failure) =>
        KnownFailure.Of(failure, "interrupted: what is installed has not changed");
}
