namespace ChunkOta.Durable;

/// <summary>An entry that a removal leaves in place.</summary>
/// <param name="Path">Its path, as the tree's was given.</param>
/// <param name="Obstacle">Why it stays.</param>
public sealed record LeftBehind(string Path, RemovalObstacle Obstacle)
{
    /// <summary>The entry and why it stays, for people.</summary>
    public override string ToString() => Obstacle switch
    {
        RemovalObstacle.Mount => $"{Path} is a mount point",
        RemovalObstacle.Protected => $"{Path} is immutable or append-only",
        RemovalObstacle.NotPermitted => $"{Path} is another user's",
        _ => $"{Path} has changed meanwhile",
    };
}

/// <summary>Why a removal leaves an entry in place.</summary>
public enum RemovalObstacle
{
    /// <summary>Another file system, or a part of this one, is mounted there: it is someone's data.</summary>
    Mount,

    /// <summary>The file or its directory is marked as immutable or append-only.</summary>
    Protected,

    /// <summary>This process must not remove it.</summary>
    NotPermitted,

    /// <summary>Another process added to the directory while it was removed.</summary>
    Changed,
}
