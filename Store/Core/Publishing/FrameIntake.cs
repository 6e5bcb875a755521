using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Receives the frames of one stream: hashes every chunk and writes new ones to packs.</summary>
/// <remarks>
/// For one caller at a time. A frame with at least one new chunk is stored as it was sent. A full pack is made durable
/// and then indexed in the background while the next one fills, so a stream holds at most two packs. It gives a pack
/// back before it is full if others wait for one. When <see cref="FinishAsync"/> has returned, all chunks are durable
/// and indexed.
/// </remarks>
public sealed class FrameIntake : IAsyncDisposable
{
    private readonly IObjectStore _objects;
    private readonly ICatalogue _catalogue;
    private readonly PackWriterPool _writers;
    private readonly PublishLease _publish;
    private readonly string _caller;
    private readonly ZstdDecoder _decoder = new();
    private HashSet<Digest> _inPack = [];
    private HashSet<Digest> _inSealing = [];
    private PackWriter? _pack;
    private long _packSince;
    private Task _sealing = Task.CompletedTask;

    /// <summary>Begins a stream.</summary>
    /// <param name="objects">The store that packs are written to.</param>
    /// <param name="catalogue">Lists the chunks of a pack once the pack is durable.</param>
    /// <param name="writers">Bounds the packs in memory.</param>
    /// <param name="publish">The publish that brings the frames.</param>
    /// <param name="caller">The caller whose share of the packs it uses.</param>
    internal FrameIntake(
        IObjectStore objects, ICatalogue catalogue, PackWriterPool writers, PublishLease publish, string caller) =>
        (_objects, _catalogue, _writers, _publish, _caller) = (objects, catalogue, writers, publish, caller);

    /// <summary>Chunks that the store lacked before.</summary>
    public long NewChunks { get; private set; }

    /// <summary>Their plain bytes.</summary>
    public long NewPlainBytes { get; private set; }

    /// <summary>Bytes written to packs, trailers included.</summary>
    public long StoredBytes { get; private set; }

    /// <summary>Verifies a frame and stores it if one of its chunks is new.</summary>
    /// <param name="frame">The frame as sent; not used after this returns.</param>
    /// <param name="chunkBytes">Plain length of each of its chunks, in order.</param>
    /// <exception cref="ChunkOtaException">
    /// FRAME_INVALID, DECOMPRESS_LIMIT: it is not a frame of these chunks; STORE_FULL, QUOTA_EXCEEDED,
    /// STORE_UNAVAILABLE, THROTTLED.
    /// </exception>
    public async ValueTask AddAsync(
        ReadOnlyMemory<byte> frame, ReadOnlyMemory<uint> chunkBytes, CancellationToken cancellationToken)
    {
        using var decoded = ChunkFrame.Decode(frame, _decoder);
        var chunks = Hash(decoded.Plain, chunkBytes.Span);
        if (!await HasNewAsync(chunks, cancellationToken).ConfigureAwait(false)) return;

        if (_pack is not null && !_pack.Fits(frame.Length, chunks.Length))
            await StartSealingAsync(_pack, cancellationToken).ConfigureAwait(false);
        if (_pack is null)
        {
            _pack = await _writers.RentAsync(_caller, _publish.Domain, cancellationToken).ConfigureAwait(false);
            _packSince = _writers.Now;
        }

        _pack.Add(frame.Span, chunks);
        foreach (var chunk in chunks) _inPack.Add(chunk.Hash);
        if (_pack.IsFull || _writers.IsTurnOver(_packSince))
            await StartSealingAsync(_pack, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores what was added and gives its pack back, if others wait for one: for a stream that brings nothing
    /// at present.</summary>
    public async Task GiveWayAsync(CancellationToken cancellationToken)
    {
        if (_pack is { IsEmpty: false } && _writers.IsWanted)
            await StartSealingAsync(_pack, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes everything that was added durable and indexed.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        if (_pack is { IsEmpty: false }) await StartSealingAsync(_pack, cancellationToken).ConfigureAwait(false);
        await _sealing.ConfigureAwait(false);
    }

    /// <summary>Discards what was not finished and returns the pack writers.</summary>
    public async ValueTask DisposeAsync()
    {
        await _sealing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_pack is not null) _writers.Return(_pack, _caller);
        _pack = null;
        _decoder.Dispose();
    }

    private static VerifiedChunk[] Hash(ReadOnlyMemory<byte> plain, ReadOnlySpan<uint> chunkBytes)
    {
        var chunks = new VerifiedChunk[chunkBytes.Length];
        var at = 0;
        for (var i = 0; i < chunks.Length; i++)
        {
            var length = chunkBytes[i];
            if (length == 0 || length > plain.Length - at)
                throw new FrameInvalidException(
                    $"chunk {i} of a frame of {plain.Length} bytes is said to have {length} from byte {at} on");
            chunks[i] = VerifiedChunk.Of(plain.Slice(at, (int)length));
            at += (int)length;
        }

        return at == plain.Length
            ? chunks
            : throw new FrameInvalidException($"the chunks of a frame make {at} of its {plain.Length} bytes");
    }

    private async ValueTask<bool> HasNewAsync(VerifiedChunk[] chunks, CancellationToken cancellationToken)
    {
        var unseen = Array.FindAll(chunks, chunk => !_inPack.Contains(chunk.Hash) && !_inSealing.Contains(chunk.Hash));
        if (unseen.Length == 0) return false;

        var missing = new byte[(unseen.Length + 7) / 8];
        var hashes = Array.ConvertAll(unseen, chunk => chunk.Hash);
        return await _catalogue.Chunks.FindMissingAsync(_publish.Domain, hashes, missing, cancellationToken)
            .ConfigureAwait(false) > 0;
    }

    /// <summary>Starts to seal a pack, after the previous one is sealed.</summary>
    private async Task StartSealingAsync(PackWriter pack, CancellationToken cancellationToken)
    {
        await _sealing.ConfigureAwait(false);
        (_pack, _inSealing, _inPack) = (null, _inPack, []);
        _sealing = Task.Run(() => SealAsync(pack, cancellationToken), CancellationToken.None);
    }

    private async Task SealAsync(PackWriter pack, CancellationToken cancellationToken)
    {
        try
        {
            var done = pack.Seal();
            await _catalogue.Publishes.CheckQuotaAsync(_publish.Product, done.Bytes.Length, cancellationToken)
                .ConfigureAwait(false);
            await ObjectArrivals.PutAsync(
                _objects, _catalogue.Chunks, [new ObjectContent(done.Name, done.Bytes)], cancellationToken)
                .ConfigureAwait(false);
            var gain = await _catalogue.Chunks.AddPackAsync(done.Contents, _publish.Id, cancellationToken)
                .ConfigureAwait(false);
            NewChunks += gain.Chunks;
            NewPlainBytes += gain.PlainBytes;
            StoredBytes += done.Contents.StoredBytes;
        }
        finally
        {
            _writers.Return(pack, _caller);
        }
    }
}
