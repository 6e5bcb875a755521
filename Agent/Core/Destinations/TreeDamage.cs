using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>One difference between an installed release and its manifest.</summary>
/// <param name="Path">The path in the release.</param>
/// <param name="What">The difference, in a few words.</param>
public sealed record TreeDamage(string Path, string What)
{
    /// <summary>True when the permissions are all that differs.</summary>
    internal bool IsOfMode { get; init; }

    /// <summary>True when it is about a directory that is there; <see cref="RootPath"/> is the release's own.</summary>
    internal bool IsOfDirectory { get; init; }

    /// <summary>The path of the directory that holds the whole release.</summary>
    internal const string RootPath = ".";

    /// <summary>Describes a directory whose permissions are not those of an installed one.</summary>
    internal static TreeDamage OfDirectory(string path, FileStatus status) =>
        new(path, $"mode {Convert.ToString(status.Mode, 8)}") { IsOfMode = true, IsOfDirectory = true };
}
