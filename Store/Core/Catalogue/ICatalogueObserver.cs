namespace ChunkOta.Storage;

/// <summary>Is told of the transactions of a catalogue. Any number of threads at once.</summary>
public interface ICatalogueObserver
{
    /// <summary>A transaction ended, well or not.</summary>
    /// <param name="isWrite">True when it changed rows.</param>
    /// <param name="duration">Its time, with the wait for a connection and all its repetitions.</param>
    void Transacted(bool isWrite, TimeSpan duration);

    /// <summary>A transaction failed by a fault of the database; refusals by rules do not count.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    void TransactionFailed(string code);
}
