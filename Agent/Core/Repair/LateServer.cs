using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>A server that is connected to only when something is asked of it.</summary>
/// <param name="open">Prepares the connection; called once.</param>
internal sealed class LateServer(Func<ServerSession> open) : IReleaseSource, IDisposable
{
    private ServerSession? _session;

    /// <summary>Bytes that were sent.</summary>
    public long WireBytesUp => _session?.Meter.Up ?? 0;

    /// <summary>Bytes that were received.</summary>
    public long WireBytesDown => _session?.Meter.Down ?? 0;

    /// <summary>The connection.</summary>
    /// <exception cref="ChunkOtaException"><c>USAGE</c>: the device is not enrolled.</exception>
    public ServerSession Session => _session ??= open();

    /// <inheritdoc/>
    public IAsyncEnumerable<RecipePart> FetchRecipesAsync(
        Digest manifest, IReadOnlyList<int> entries, long offset, CancellationToken cancellationToken) =>
        Session.Releases.FetchRecipesAsync(manifest, entries, offset, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<FetchedFrame> FetchChunksAsync(
        Digest manifest,
        IReadOnlyList<WantedChunks> ranges,
        ChunkPortion? portion,
        CancellationToken cancellationToken) =>
        Session.Releases.FetchChunksAsync(manifest, ranges, portion, cancellationToken);

    /// <inheritdoc/>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> FetchDeltaAsync(
        Digest manifest, Digest delta, long offset, CancellationToken cancellationToken) =>
        Session.Releases.FetchDeltaAsync(manifest, delta, offset, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _session?.Dispose();
}
