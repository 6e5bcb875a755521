using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Fetches a delta into its file, from where an earlier run stopped, and verifies it by its digest.</summary>
/// <param name="source">The source of the delta.</param>
/// <param name="manifest">The digest of the manifest of the release that the delta makes.</param>
/// <param name="delta">The delta.</param>
/// <param name="file">Its file; the caller's. Bytes in it are kept if the whole file then has the right digest.</param>
/// <param name="monitor">Told of each wait.</param>
internal sealed class DeltaFetch(
    IReleaseSource source, Digest manifest, OfferedDelta delta, DurableFile file, RunMonitor monitor)
{
    private const int BufferBytes = 64 * 1024;

    private readonly Blake3Hasher _hasher = new();
    private long _filled;

    /// <summary>Bytes that were fetched, useless ones included.</summary>
    public long FetchedBytes { get; private set; }

    /// <summary>Called after each piece, with the bytes that the file holds.</summary>
    public Action<long>? Progressed { get; init; }

    /// <summary>Fetches what is missing; what was written stays, however it ends.</summary>
    /// <exception cref="DeltaBadException">The bytes that came are not the delta.</exception>
    /// <exception cref="ChunkOtaException">The server's own code, usually <c>DELTA_UNKNOWN</c>; its last failure when
    /// it fails five times without bringing anything.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var isResumed = ReadExisting();
        await FillAsync(cancellationToken).ConfigureAwait(false);
        if (_hasher.Finish() == delta.Digest)
            return;
        // The bytes of an earlier run may be the wrong ones: start again once without them.
        Restart();
        if (!isResumed)
            throw NotTheDelta();
        await FillAsync(cancellationToken).ConfigureAwait(false);
        if (_hasher.Finish() == delta.Digest)
            return;
        Restart();
        throw NotTheDelta();
    }

    /// <summary>Hashes the bytes of an earlier run.</summary>
    /// <returns>False when there are none.</returns>
    private bool ReadExisting()
    {
        if (file.Length > delta.Bytes)
            file.Truncate(0);
        var buffer = new byte[BufferBytes];
        for (int count; (count = file.ReadAt(_filled, buffer)) > 0; _filled += count)
            _hasher.Append(buffer.AsSpan(0, count));
        return _filled > 0;
    }

    private void Restart()
    {
        file.Truncate(0);
        _hasher.Reset();
        _filled = 0;
    }

    private Task FillAsync(CancellationToken cancellationToken) =>
        new PersistentTransfer(monitor, hasOtherSource: true).RunAsync(
            () => delta.Bytes - _filled,
            FillOnceAsync,
            () => new DeltaBadException("the server sent nothing of it"),
            cancellationToken);

    private async Task FillOnceAsync(CancellationToken cancellationToken)
    {
        var pieces = source.FetchDeltaAsync(manifest, delta.Digest, _filled, cancellationToken);
        await foreach (var piece in pieces.ConfigureAwait(false))
        {
            FetchedBytes += piece.Length;
            if (piece.Length > delta.Bytes - _filled)
                throw new DeltaBadException("it is longer than announced");
            // A server that sends nothing for ever would otherwise keep this run and its lock.
            if (piece.Length == 0)
                throw new DeltaBadException("the server sent an empty piece of it");
            file.WriteAt(_filled, piece.Span);
            _hasher.Append(piece.Span);
            _filled += piece.Length;
            Progressed?.Invoke(_filled);
        }
    }

    private static DeltaBadException NotTheDelta() => new("its bytes do not match its digest");
}
