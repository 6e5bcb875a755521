namespace ChunkOta.Durable;

/// <summary>One use of a directory tree: a process that runs from it, or something mounted in it.</summary>
/// <param name="ProcessId">The process; 0 for a mount.</param>
/// <param name="Name">The name of the program, or the mount point.</param>
public sealed record TreeUse(int ProcessId, string Name)
{
    /// <summary>The use, for people.</summary>
    public override string ToString() =>
        ProcessId == 0 ? $"{Name} is a mount point" : $"process {ProcessId} ({Name}) uses it";
}
