namespace ChunkOta.Durable;

/// <summary>Sees every operation that changes the disk, on the thread that does it.</summary>
internal interface IDiskObserver
{
    /// <summary>Called before an operation; an exception ends it before it has begun.</summary>
    /// <param name="operation">What is about to be done.</param>
    /// <param name="path">To which path.</param>
    /// <returns>What is to happen to it.</returns>
    FaultMode Before(FsOperation operation, string path);

    /// <summary>Called after an operation, also after one that failed.</summary>
    /// <param name="operation">What was done.</param>
    /// <param name="path">To which path.</param>
    void After(FsOperation operation, string path);
}
