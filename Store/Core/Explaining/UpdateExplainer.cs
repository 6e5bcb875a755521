using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Storage;

/// <summary>Says where every byte of an update goes, by file and by cause.</summary>
/// <remarks>Works from manifests, recipes and, if there is one, the delta; nothing is encoded.</remarks>
public sealed class UpdateExplainer
{
    private const int PieceBytes = 256 * 1024;
    private readonly ReleaseReader _releases;
    private readonly UpdateCosts _costs;
    private readonly BasePairing _pairing;
    private readonly DeltaCache _cache;
    private readonly FileAssembler _assembler;
    private readonly string _scratchFolder;

    /// <param name="releases">Reads manifests and recipes.</param>
    /// <param name="costs">Says what chunks cost.</param>
    /// <param name="pairing">Says what a file is made from where there is no delta.</param>
    /// <param name="cache">The deltas there are.</param>
    /// <param name="assembler">Reads how files begin.</param>
    /// <param name="scratchFolder">Where a delta lies while it is looked into.</param>
    internal UpdateExplainer(
        ReleaseReader releases, UpdateCosts costs, BasePairing pairing, DeltaCache cache, FileAssembler assembler,
        string scratchFolder)
    {
        _releases = releases;
        _costs = costs;
        _pairing = pairing;
        _cache = cache;
        _assembler = assembler;
        _scratchFolder = scratchFolder;
    }

    /// <summary>Explains an update.</summary>
    /// <param name="from">What is held; null for nothing.</param>
    /// <param name="to">The release to make, of the same product and platform.</param>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE: a manifest, recipe or pack is gone;
    /// OBJECT_DAMAGED.</exception>
    public async Task<UpdateExplanation> ExplainAsync(Digest? from, Digest to, CancellationToken cancellationToken)
    {
        var cost = await _costs.GetAsync(from, to, cancellationToken).ConfigureAwait(false);
        var plan = await PlanAsync(from, to, cancellationToken).ConfigureAwait(false);
        var delta = from is not null
            && await _cache.FindAsync(plan.Pair, cancellationToken).ConfigureAwait(false) is [var smallest, ..]
            ? smallest
            : null;
        var figures = delta is null
            ? []
            : await ReadFiguresAsync(delta, plan, cancellationToken).ConfigureAwait(false);
        var isByDelta = figures.Count > 0 && delta!.Bytes < cost.ChunkBytes;
        var files = await ListFilesAsync(plan, figures, isByDelta, cancellationToken).ConfigureAwait(false);
        return new UpdateExplanation(cost, figures.Count > 0 ? delta : null, files);
    }

    private async Task<PairedReleases> PlanAsync(Digest? from, Digest to, CancellationToken cancellationToken)
    {
        if (from is { } held)
            return await _pairing.PairAsync(new DeltaPair(held, to), cancellationToken).ConfigureAwait(false);
        var listing = await _releases.GetListingAsync(to, cancellationToken).ConfigureAwait(false);
        var changed = BaseChoice.FindChanged(ReleaseListing.Empty, listing);
        return new PairedReleases(
            new DeltaPair(default, to), ReleaseListing.Empty, listing,
            [.. changed.Select(file => new PairedFile(file, null))]);
    }

    /// <summary>
    /// Reads the figures of each file that the delta makes, by entry; empty when the delta is damaged.
    /// </summary>
    private async Task<Dictionary<uint, (uint? Base, DeltaFileFigures Figures)>> ReadFiguresAsync(
        DeltaRecord delta, PairedReleases plan, CancellationToken cancellationToken)
    {
        using var copy = ScratchStream.Create(_scratchFolder);
        try
        {
            await CopyAsync(delta, copy, cancellationToken).ConfigureAwait(false);
            return Read(new ScratchReader(copy, cancellationToken), plan);
        }
        catch (Exception failure) when (
            failure is DeltaBadException or ObjectMissingException or ObjectDamagedException)
        {
            await _cache.ForgetAsync(delta.Digest!.Value, cancellationToken).ConfigureAwait(false);
            return [];
        }
    }

    private async Task CopyAsync(DeltaRecord delta, ScratchStream copy, CancellationToken cancellationToken)
    {
        var piece = new byte[PieceBytes];
        for (long at = 0; at < delta.Bytes; at += PieceBytes)
        {
            var part = piece.AsMemory(0, (int)Math.Min(PieceBytes, delta.Bytes - at));
            await _cache.ReadAsync(delta, at, part, cancellationToken).ConfigureAwait(false);
            copy.Write(part.Span);
        }
    }

    private static Dictionary<uint, (uint? Base, DeltaFileFigures Figures)> Read(IBaseReader delta, PairedReleases plan)
    {
        var figures = new Dictionary<uint, (uint?, DeltaFileFigures)>();
        using var decoder = new DeltaDecoder(
            delta, plan.Pair.From, plan.Pair.To, new DeltaSizes(plan.From.Sizes, plan.To.Sizes));
        while (decoder.MoveNext())
        {
            var step = decoder.Current;
            figures[step.Entry] = (step.BaseEntry, decoder.Skip());
        }

        return figures;
    }

    private async Task<IReadOnlyList<ExplainedFile>> ListFilesAsync(
        PairedReleases plan, Dictionary<uint, (uint? Base, DeltaFileFigures Figures)> figures, bool isByDelta,
        CancellationToken cancellationToken)
    {
        var byChunks = (await _costs.MeasureFilesAsync(plan.From, plan.To, cancellationToken).ConfigureAwait(false))
            .ToDictionary(file => file.File.Entry, file => file.Bytes);
        var planned = plan.Files.ToDictionary(file => file.Target.Entry);
        var oldFiles = plan.From.Files.ToDictionary(file => file.Entry);
        var heldPaths = plan.From.Files.DistinctBy(file => file.Digest)
            .ToDictionary(file => file.Digest, file => file.Path);
        var made = plan.Files.ToDictionary(file => file.Target.Digest, file => file.Target.Path);
        List<ExplainedFile> files = [];
        foreach (var file in plan.To.Files)
        {
            if (plan.From.Find(file.Path)?.Digest == file.Digest) continue;
            if (!planned.TryGetValue(file.Entry, out var change))
            {
                files.Add(Copy(file, heldPaths.GetValueOrDefault(file.Digest), made.GetValueOrDefault(file.Digest)));
                continue;
            }

            var known = figures.TryGetValue(file.Entry, out var found);
            var old = known ? (found.Base is { } number ? oldFiles[number] : null) : change.Base;
            var cause = old is null
                ? ChangeEvidence.New
                : ChangeEvidence.Of(await GatherAsync(plan, file, old, known ? found.Figures : null, cancellationToken)
                    .ConfigureAwait(false));
            files.Add(new ExplainedFile
            {
                Path = file.Path,
                BasePath = old?.Path ?? "",
                Origin = isByDelta ? FileOrigin.Delta : FileOrigin.Chunks,
                Size = file.Size,
                Bytes = isByDelta ? found.Figures.ObjectBytes : byChunks[file.Entry],
                Cause = cause.Cause,
                Evidence = cause.Evidence,
                Hint = cause.Hint,
            });
        }

        return files;
    }

    private async Task<ChangeFigures> GatherAsync(
        PairedReleases plan, ReleaseFile file, ReleaseFile old, DeltaFileFigures? delta,
        CancellationToken cancellationToken)
    {
        var chunks = await _releases.GetChunksAsync(file, plan.To.Cut, cancellationToken).ConfigureAwait(false);
        var held = await _releases.GetChunksAsync(old, plan.From.Cut, cancellationToken).ConfigureAwait(false);
        var offsets = new HashSet<(Digest, long)>(OffsetsOf(held));
        var hashes = held.Select(chunk => chunk.Hash).ToHashSet();
        var same = OffsetsOf(chunks).Where(chunk => hashes.Contains(chunk.Hash)).ToList();
        var start = await _assembler
            .ReadStartAsync(file, plan.To.Cut, CompressedKinds.StartBytes, cancellationToken)
            .ConfigureAwait(false);
        return new ChangeFigures
        {
            Size = file.Size,
            BaseSize = old.Size,
            Delta = delta,
            Chunks = chunks.Count,
            SameChunks = same.Count,
            MovedChunks = same.Count(chunk => !offsets.Contains(chunk)),
            Compression = CompressedKinds.Find(start.Span),
        };
    }

    private static IEnumerable<(Digest Hash, long Offset)> OffsetsOf(IReadOnlyList<ChunkRef> chunks)
    {
        long at = 0;
        foreach (var chunk in chunks)
        {
            yield return (chunk.Hash, at);
            at += chunk.Length;
        }
    }

    private static ExplainedFile Copy(ReleaseFile file, string? heldPath, string? madePath) => new()
    {
        Path = file.Path,
        BasePath = heldPath ?? "",
        Origin = FileOrigin.Copy,
        Size = file.Size,
        Bytes = 0,
        Cause = ChangeCause.Moved,
        Evidence = heldPath is null
            ? $"the same content as {madePath} of this release"
            : "the same content under another path",
    };
}
