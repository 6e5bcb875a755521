using System.Runtime.CompilerServices;
using ChunkOta.Agent;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Tests.Agent.Support;

/// <summary>A server without a network, as honest or as evil as the test says; what it sends is real.</summary>
internal sealed class MemorySource(TestPublisher publisher) : IReleaseSource, IUpdateService
{
    private readonly Dictionary<Digest, (TestRelease Release, Envelope Envelope)> _releases = [];

    /// <summary>What is current, signed.</summary>
    public Envelope? Pointer { get; set; }

    /// <summary>Changes a header on its way out.</summary>
    public Action<UpdateHeader>? TamperHeader { get; set; }

    /// <summary>Changes a manifest's transfer on its way out.</summary>
    public Func<byte[], byte[]>? TamperTransfer { get; set; }

    /// <summary>Changes a recipe on its way out.</summary>
    public Func<byte[], byte[]>? TamperRecipe { get; set; }

    /// <summary>Called before each recipe is sent, with its entry; may throw.</summary>
    public Action<int>? BeforeRecipe { get; set; }

    /// <summary>Changes the plain bytes of a frame before it is made.</summary>
    public Action<byte[]>? TamperChunks { get; set; }

    /// <summary>Called before each frame is sent; may throw.</summary>
    public Action<int>? BeforeFrame { get; set; }

    /// <summary>Chunks put into one frame.</summary>
    public int ChunksPerFrame { get; set; } = 3;

    public List<UpdateQuestion> Checks { get; } = [];

    public List<int> RecipesAsked { get; } = [];

    /// <summary>Called with the offset of each piece of a recipe before it is sent.</summary>
    public Action<long>? BeforeRecipePiece { get; set; }

    /// <summary>The length of a piece; half of the recipe when null.</summary>
    public int? RecipePieceBytes { get; set; }

    /// <summary>False for a server of a version that sends each recipe from its start.</summary>
    public bool KnowsRecipeOffsets { get; set; } = true;

    public long RecipeBytesSent { get; private set; }

    /// <summary>Every chunk that was sent, by digest, as often as it was sent.</summary>
    public List<ChunkRef> ChunksSent { get; } = [];

    public List<IReadOnlyList<WantedChunks>> FetchCalls { get; } = [];

    /// <summary>What an update is said to cost, by file.</summary>
    public List<FileCost> Costs { get; } = [];

    /// <summary>Called when that is asked for; may throw.</summary>
    public Action<Digest, Digest>? BeforeExplaining { get; set; }

    /// <summary>The reports that arrived.</summary>
    public List<RunReport> Reports { get; } = [];

    /// <summary>What was told of updates that ran.</summary>
    public List<ProgressNote> Notes { get; } = [];

    /// <summary>Called before that arrives; may wait or throw.</summary>
    public Func<CancellationToken, Task>? BeforeTelling { get; set; }

    public long HeldTransferBytes => 0;

    /// <summary>Reports do not arrive.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>The deltas that are offered and sent; none unless a test sets it.</summary>
    public TestDeltas? Deltas { get; set; }

    public TestRelease ReleaseOf(Digest digest) => _releases[digest].Release;

    /// <summary>Makes a release current.</summary>
    public Digest Publish(TestRelease release, ulong seq, Action<ChannelPointer>? change = null)
    {
        var digest = Add(release, publisher.Sign(release.Manifest));
        var pointer = publisher.PointerTo(release, seq);
        change?.Invoke(pointer);
        Pointer = publisher.Sign(pointer);
        return digest;
    }

    public Digest Add(TestRelease release, Envelope envelope)
    {
        var digest = SignedDocument.DigestOf(envelope);
        _releases[digest] = (release, envelope);
        return digest;
    }

    public Task<IUpdateAnswer> CheckAsync(UpdateQuestion question, CancellationToken cancellationToken)
    {
        Checks.Add(question);
        var pointer = ChannelPointer.Parser.ParseFrom(Pointer!.Payload);
        var wanted = question.Version is not null
            ? _releases.Single(pair => pair.Value.Release.Manifest.Version == question.Version).Key
            : pointer.Current.ManifestDigest.ToDigest();
        var envelope = _releases[wanted].Envelope;
        var held = question.Held;
        var header = new UpdateHeader
        {
            Roots = { publisher.Roots.Skip((int)question.RootVersion).Take(8) },
            Pointer = Pointer,
            Manifest = new DocumentRef
            {
                Digest = wanted.ToByteString(),
                PayloadBytes = (ulong)envelope.Payload.Length,
            },
            IsHeld = held == wanted,
        };
        byte[] transfer = [];
        if (!header.IsHeld)
        {
            var prefix = held is { } known && _releases.TryGetValue(known, out var old)
                ? old.Envelope.Payload.ToByteArray()
                : [];
            using var encoder = new ZstdEncoder(9);
            var buffer = new byte[ZstdEncoder.MaxEncodedLength(envelope.Payload.Length)];
            transfer = buffer[..encoder.Encode(envelope.Payload.Span, buffer, prefix)];
            header.Signatures.Add(envelope.Signatures);
            header.UsesPrefix = prefix.Length > 0;
            transfer = TamperTransfer?.Invoke(transfer) ?? transfer;
            header.TransferBytes = (ulong)transfer.Length;
        }
        if (held is { } from && from != wanted && _releases.TryGetValue(from, out var before))
            Deltas?.Offer(header, before.Release, _releases[wanted].Release);
        TamperHeader?.Invoke(header);
        return Task.FromResult<IUpdateAnswer>(new Answer(UpdateMessages.ToOffer(header, held), transfer));
    }

    public async IAsyncEnumerable<RecipePart> FetchRecipesAsync(
        Digest manifest,
        IReadOnlyList<int> entries,
        long offset,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var release = _releases[manifest].Release;
        foreach (var entry in entries)
        {
            await Task.Yield();
            BeforeRecipe?.Invoke(entry);
            RecipesAsked.Add(entry);
            var recipe = Recipe.Of(release.Chunks[release.Manifest.Entries[entry].Path]).ToBytes();
            recipe = TamperRecipe?.Invoke(recipe) ?? recipe;
            var at = entry == entries[0] && KnowsRecipeOffsets ? (int)offset : 0;
            if (at > recipe.Length)
                throw new ChunkOtaException("USAGE", "the offset is beyond the end");
            var length = RecipePieceBytes ?? recipe.Length / 2;
            for (; at < recipe.Length; at += length)
            {
                cancellationToken.ThrowIfCancellationRequested();
                BeforeRecipePiece?.Invoke(at);
                var piece = recipe.AsMemory(at, Math.Min(length, recipe.Length - at));
                RecipeBytesSent += piece.Length;
                yield return new RecipePart(entry, piece, KnowsRecipeOffsets ? at : 0);
            }
        }
    }

    public async IAsyncEnumerable<FetchedFrame> FetchChunksAsync(
        Digest manifest,
        IReadOnlyList<WantedChunks> ranges,
        ChunkPortion? portion,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        FetchCalls.Add(ranges);
        var release = _releases[manifest].Release;
        var wanted = ranges.SelectMany(range => Enumerable.Range(range.First, range.Count)
            .Select(index => (Entry: (uint)range.Entry, Index: index))).Chunk(ChunksPerFrame);
        var frames = 0;
        foreach (var chunks in wanted)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            BeforeFrame?.Invoke(frames++);
            yield return FrameOf(release, chunks);
        }
    }

    public IAsyncEnumerable<ReadOnlyMemory<byte>> FetchDeltaAsync(
        Digest manifest, Digest delta, long offset, CancellationToken cancellationToken) =>
        Deltas!.SendAsync(delta, offset, cancellationToken);

    public async IAsyncEnumerable<FileExplanation> ExplainAsync(
        Digest from, Digest to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        BeforeExplaining?.Invoke(from, to);
        foreach (var cost in Costs)
            yield return UpdateMessages.ToExplained(cost);
    }

    public async Task TellProgressAsync(ProgressNote note, CancellationToken cancellationToken)
    {
        if (BeforeTelling is { } before)
            await before(cancellationToken);
        Notes.Add(note);
    }

    public Task ReportAsync(RunReport report, CancellationToken cancellationToken)
    {
        if (IsDeaf)
            throw new ChunkOtaException(ErrorCodes.ServerUnavailable, "nobody listens");
        Reports.Add(report);
        return Task.CompletedTask;
    }

    private FetchedFrame FrameOf(TestRelease release, (uint Entry, int Index)[] chunks)
    {
        var plain = new List<byte>();
        var spans = new List<uint>();
        foreach (var (entry, index) in chunks)
        {
            var path = release.Manifest.Entries[(int)entry].Path;
            // What was not asked for may stand between: it is to be skipped.
            FrameSpan.Skip(5).AppendTo(spans);
            plain.AddRange("other"u8);
            FrameSpan.Chunks(entry, (uint)index, 1).AppendTo(spans);
            plain.AddRange(release.ChunkOf(path, index));
            ChunksSent.Add(release.Chunks[path][index]);
        }
        var bytes = plain.ToArray();
        TamperChunks?.Invoke(bytes);
        using var encoder = new ZstdEncoder(3);
        var frame = new byte[ChunkFrame.HeaderBytes + bytes.Length];
        var length = ChunkFrame.Encode(bytes, frame, encoder);
        return new FetchedFrame(spans.ToArray(), frame.AsMemory(0, length));
    }

    private sealed class Answer(OfferedUpdate offer, byte[] sent) : IUpdateAnswer
    {
        public OfferedUpdate Offer => offer;

        public Task<byte[]> ReadManifestAsync(int bytes, CancellationToken cancellationToken) => sent.Length == bytes
            ? Task.FromResult(sent)
            : throw new ChunkOtaException(ErrorCodes.ServerUnavailable, "the manifest is not as long as announced");

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
