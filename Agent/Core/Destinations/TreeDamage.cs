namespace ChunkOta.Agent;

/// <summary>One difference between an installed release and its manifest.</summary>
/// <param name="Path">The path in the release.</param>
/// <param name="What">The difference, in a few words.</param>
public sealed record TreeDamage(string Path, string What)
{
    /// <summary>True when the permissions are all that differs.</summary>
    internal bool IsOfMode { get; init; }
}
