using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>Fetches a delta into its file, from where an earlier run stopped, and proves it by its digest.</summary>
/// <param name="source">Where to ask.</param>
/// <param name="target">The digest of the release that the delta makes.</param>
/// <param name="delta">The delta.</param>
/// <param name="file">Its file; the caller's. What it holds already is used if the whole then hashes right.</param>
/// <param name="clock">Paces the repetitions.</param>
internal sealed class DeltaFetch(
    IReleaseSource source, Digest target, OfferedDelta delta, DurableFile file, TimeProvider clock)
{
    private const int BufferBytes = 64 * 1024;

    private readonly Blake3Hasher _hasher = new();
    private long _filled;

    /// <summary>Bytes that were fetched, those that turned out to be useless as well.</summary>
    public long FetchedBytes { get; private set; }

    /// <summary>Called after each piece, with the bytes that the file holds.</summary>
    public Action<long>? Progressed { get; init; }

    /// <summary>Fetches what is missing.</summary>
    /// <exception cref="DeltaBadException">What came is not the delta.</exception>
    /// <exception cref="ChunkOtaException">The server's own code, <c>DELTA_UNKNOWN</c> above all; its last failure when
    /// it fails five times without bringing anything.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var isResumed = ReadLeft();
        await FillAsync(cancellationToken).ConfigureAwait(false);
        if (_hasher.Finish() == delta.Digest)
            return;
        // What an earlier run left may be what is wrong: that is found out once.
        Restart();
        if (!isResumed)
            throw new DeltaBadException("it is not what its digest says");
        await FillAsync(cancellationToken).ConfigureAwait(false);
        if (_hasher.Finish() == delta.Digest)
            return;
        Restart();
        throw new DeltaBadException("it is not what its digest says");
    }

    /// <summary>Hashes what is there already; whether there was anything.</summary>
    private bool ReadLeft()
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

    private Task FillAsync(CancellationToken cancellationToken) => new PersistentTransfer(clock).RunAsync(
        () => delta.Bytes - _filled,
        FillOnceAsync,
        () => new DeltaBadException("the server sent nothing of it"),
        cancellationToken);

    private async Task FillOnceAsync(CancellationToken cancellationToken)
    {
        var request = new FetchDeltaRequest
        {
            ManifestDigest = target.ToByteString(),
            DeltaDigest = delta.Digest.ToByteString(),
            Offset = (ulong)_filled,
        };
        await foreach (var piece in source.FetchDeltaAsync(request, cancellationToken).ConfigureAwait(false))
        {
            FetchedBytes += piece.Length;
            if (piece.Length > delta.Bytes - _filled)
                throw new DeltaBadException("it is longer than was announced");
            // Else a server could keep this run, and its lock, for ever.
            if (piece.Length == 0)
                throw new DeltaBadException("a piece of it holds nothing");
            file.WriteAt(_filled, piece.Span);
            _hasher.Append(piece.Span);
            _filled += piece.Length;
            Progressed?.Invoke(_filled);
        }
    }
}
