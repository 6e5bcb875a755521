using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>A device's report of one run: the release that runs now and, after a failure, the reason.</summary>
internal sealed record RunReport
{
    /// <summary>The product.</summary>
    public required string Product { get; init; }

    /// <summary>The platform.</summary>
    public required string Platform { get; init; }

    /// <summary>The channel that is followed.</summary>
    public required string Channel { get; init; }

    /// <summary>The digest of the manifest of the release that runs; null when none does.</summary>
    public Digest? RunningManifest { get; init; }

    /// <summary>The version that runs; empty when none does.</summary>
    public string RunningVersion { get; init; } = "";

    /// <summary>The code of the failure; null when the run succeeded.</summary>
    public string? FailureCode { get; init; }

    /// <summary>The failure in one line; empty when the run succeeded.</summary>
    public string FailureText { get; init; } = "";

    /// <summary>The cause of the failure; null when the run succeeded.</summary>
    public FailureCause? Cause { get; init; }

    /// <summary>The stage that failed; null when the run succeeded.</summary>
    public UpdateStage? FailedStage { get; init; }

    /// <summary>All bytes that the run has sent.</summary>
    public long WireBytesUp { get; init; }

    /// <summary>All bytes that the run has received.</summary>
    public long WireBytesDown { get; init; }
}
