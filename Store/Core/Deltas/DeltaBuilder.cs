using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Storage;

/// <summary>Makes deltas: puts the changed files together, two at a time, and has them encoded.</summary>
/// <remarks>
/// Memory is bounded, whatever the releases weigh: at most 220 MiB of the encoder's, and the garbage of putting 64 MiB of
/// files together, which is collected then and not when the collector would. On disk the largest pair of files and the delta
/// itself lie twice meanwhile, in files without a name.
/// </remarks>
/// <param name="pairing">Says what to encode against what.</param>
/// <param name="costs">Says what chunks would cost.</param>
/// <param name="files">Puts files together.</param>
/// <param name="objects">Where deltas go.</param>
/// <param name="scratchFolder">A folder on a disk with room; it must exist.</param>
/// <param name="atOnce">So many builds and measurements at once, and beside them as many that are quick and of small files;
/// further ones wait.</param>
public sealed class DeltaBuilder(
    BasePairing pairing, UpdateCosts costs, FileAssembler files, IObjectStore objects, string scratchFolder, int atOnce)
    : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>A delta that saves less than this part of the chunks' bytes is not worth its place.</summary>
    private const int LeastPartSaved = 64;

    /// <summary>Of files up to this length a quick delta takes 50 MiB at most: it need not wait for a best one.</summary>
    private const long SmallFileBytes = 12 << 20;

    private readonly SemaphoreSlim _room = new(atOnce);
    private readonly SemaphoreSlim _smallRoom = new(atOnce);

    /// <summary>Makes a delta and stores it, if it is smaller than the chunks that do the same.</summary>
    /// <param name="pair">Two visible releases of one product and platform.</param>
    /// <param name="quality">How much work it is worth.</param>
    /// <param name="progress">Is told after each file.</param>
    /// <param name="cancellationToken">Ends the work, within a second or so; nothing is left behind.</param>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE, STORE_FULL, CHUNK_MISSING; DELTA_BAD: it does not make the
    /// files.</exception>
    public async Task<NewDelta> BuildAsync(
        DeltaPair pair, DeltaQuality quality, IProgress<DeltaProgress> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var plan = await pairing.PairAsync(pair, cancellationToken).ConfigureAwait(false);
        if (plan.Files.Count == 0) return new NewDelta(pair, quality, null, 0, 0, 0);

        using var made = new HashingStream(ScratchStream.Create(scratchFolder));
        var totals = await EncodeAsync(plan, quality, made, progress, cancellationToken).ConfigureAwait(false);
        var chunkBytes = (await costs.GetAsync(pair.From, pair.To, cancellationToken).ConfigureAwait(false)).ChunkBytes;
        Digest? digest = totals.ObjectBytes < chunkBytes - (chunkBytes / LeastPartSaved) ? made.Finish() : null;
        if (digest is { } name)
        {
            await ProveAsync(plan, made.Scratch, cancellationToken).ConfigureAwait(false);
            made.Scratch.Position = 0;
            await objects.PutAsync(ObjectName.Delta(name), made.Scratch, cancellationToken).ConfigureAwait(false);
        }

        return new NewDelta(pair, quality, digest, totals.ObjectBytes, totals.Files, totals.TargetBytes);
    }

    /// <summary>Makes a quick delta only to see how long it is; nothing is stored.</summary>
    /// <param name="plan">What it would give.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Its length in bytes; 0 when there is nothing for it to give.</returns>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE, STORE_FULL, CHUNK_MISSING.</exception>
    public async Task<long> MeasureAsync(PairedReleases plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Files.Count == 0) return 0;
        var totals = await EncodeAsync(plan, DeltaQuality.Quick, Stream.Null, new Progress<DeltaProgress>(), cancellationToken)
            .ConfigureAwait(false);
        return totals.ObjectBytes;
    }

    /// <summary>Frees what is kept between builds.</summary>
    public void Dispose()
    {
        _room.Dispose();
        _smallRoom.Dispose();
    }

    private async Task<DeltaFigures> EncodeAsync(
        PairedReleases plan, DeltaQuality quality, Stream output, IProgress<DeltaProgress> progress,
        CancellationToken cancellationToken)
    {
        var room = quality == DeltaQuality.Quick && plan.LargestFileBytes <= SmallFileBytes ? _smallRoom : _room;
        if (!await room.WaitAsync(TimeSpan.Zero, cancellationToken).ConfigureAwait(false))
        {
            progress.Report(new DeltaProgress(0, plan.TargetBytes, 0, plan.Files.Count, IsHeld: true));
            await room.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await EncodeAlongsideAsync(plan, quality, output, progress, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            room.Release();
        }
    }

    private async Task<DeltaFigures> EncodeAlongsideAsync(
        PairedReleases plan, DeltaQuality quality, Stream output, IProgress<DeltaProgress> progress,
        CancellationToken cancellationToken)
    {
        var state = new DeltaProgress(0, plan.TargetBytes, 0, plan.Files.Count);
        progress.Report(state);
        using var target = ScratchStream.Create(scratchFolder);
        using var @base = ScratchStream.Create(scratchFolder);
        using var encoder = new DeltaEncoder(
            plan.Pair.From, plan.Pair.To, quality,
            () => new BufferedStream(ScratchStream.Create(scratchFolder), BufferBytes), cancellationToken);
        var garbage = new Garbage(plan.TargetBytes);
        foreach (var file in plan.Files)
        {
            garbage.Collect(file.Target.Size);
            var made = await FillAsync(target, file.Target, plan.To, cancellationToken).ConfigureAwait(false);
            if (file.Base is { } old)
            {
                var held = await FillAsync(@base, old, plan.From, cancellationToken).ConfigureAwait(false);
                encoder.Add(file.Target.Entry, made, old.Entry, held);
            }
            else
            {
                encoder.Add(file.Target.Entry, made);
            }

            state = state with { Bytes = state.Bytes + file.Target.Size, Files = state.Files + 1 };
            progress.Report(state);
        }

        return encoder.Finish(output);
    }

    /// <summary>Makes every file by the delta, as a device will: what does not hash to its digest is never offered.</summary>
    /// <exception cref="DeltaBadException">The delta is of no use.</exception>
    private async Task ProveAsync(PairedReleases plan, ScratchStream delta, CancellationToken cancellationToken)
    {
        using var @base = ScratchStream.Create(scratchFolder);
        using var decoder = new DeltaDecoder(
            new ScratchReader(delta, cancellationToken), plan.Pair.From, plan.Pair.To,
            new DeltaSizes(plan.From.Sizes, plan.To.Sizes));
        var hasher = new Blake3Hasher();
        var garbage = new Garbage(plan.TargetBytes);
        foreach (var file in plan.Files)
        {
            garbage.Collect(file.Target.Size);
            if (!decoder.MoveNext() || decoder.Current.Entry != file.Target.Entry)
                throw new DeltaBadException($"{file.Target.Path} is missing where it should stand");
            var held = file.Base is { } old
                ? await FillAsync(@base, old, plan.From, cancellationToken).ConfigureAwait(false)
                : null;
            hasher.Reset();
            decoder.WriteTo(held, hasher.Append);
            if (hasher.Finish() != file.Target.Digest)
                throw new DeltaBadException($"what it makes is not {file.Target.Path}");
        }
    }

    private async Task<IBaseReader> FillAsync(
        ScratchStream scratch, ListedFile file, ReleaseListing release, CancellationToken cancellationToken)
    {
        scratch.SetLength(0);
        await files.WriteAsync(file.Content, release.Cut, scratch, cancellationToken).ConfigureAwait(false);
        return new ScratchReader(scratch, cancellationToken);
    }

    /// <summary>What is left of files that were put together, in releases that are large.</summary>
    private sealed class Garbage(long releaseBytes)
    {
        /// <summary>Bytes of files after which it is collected.</summary>
        private const long CollectedBytes = 64 << 20;

        private long _left = releaseBytes < CollectedBytes ? long.MaxValue : 0;

        /// <summary>Collects it at first, and whenever enough has come together.</summary>
        /// <param name="bytes">Of the file that comes next.</param>
        public void Collect(long bytes)
        {
            if (_left <= 0)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                _left = CollectedBytes;
            }

            _left -= bytes;
        }
    }
}
