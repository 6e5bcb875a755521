namespace ChunkOta.Storage;

/// <summary>Tells a server when another one of the same catalogue has moved a channel.</summary>
/// <remarks>A move may be missed while the database does not answer: this saves waiting, and whoever needs to know
/// looks again now and then.</remarks>
public interface IChannelMoves
{
    /// <summary>Listens until it is cancelled or fails.</summary>
    /// <param name="moved">Called with the product's name, once or more for each move.</param>
    /// <exception cref="StoreUnavailableException">The database does not answer: listen again later.</exception>
    Task ListenAsync(Action<string> moved, CancellationToken cancellationToken);
}
