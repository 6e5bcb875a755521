using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Storage;

/// <summary>Builds deltas: assembles each changed file and its base, and encodes one against the other.</summary>
/// <remarks>
/// Memory is bounded for releases of any size: at most 220 MiB for the encoder, and the garbage of assembling 64
/// MiB of files, after which it is collected. A build uses disk space for two copies of the largest file pair and of
/// the delta, in files without a name.
/// </remarks>
public sealed class DeltaBuilder : IDisposable
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>A delta that saves less than this part of the chunks' bytes is not worth storing.</summary>
    private const int LeastPartSaved = 64;

    /// <summary>A quick delta of files up to this length takes 50 MiB at most and need not wait for a best
    /// one.</summary>
    private const long SmallFileBytes = 12 << 20;

    private readonly SemaphoreSlim _permits;
    private readonly SemaphoreSlim _smallPermits;
    private readonly BasePairing _pairing;
    private readonly UpdateCosts _costs;
    private readonly FileAssembler _files;
    private readonly IObjectStore _objects;
    private readonly string _scratchFolder;

    /// <param name="pairing">Pairs changed files with their bases.</param>
    /// <param name="costs">Tells what chunks would cost.</param>
    /// <param name="files">Assembles files.</param>
    /// <param name="objects">Where deltas are stored.</param>
    /// <param name="scratchFolder">The folder of scratch files; it must exist.</param>
    /// <param name="atOnce">The number of builds and measurements at once, and as many quick ones of small files beside
    /// them; others wait.</param>
    internal DeltaBuilder(
        BasePairing pairing, UpdateCosts costs, FileAssembler files, IObjectStore objects, string scratchFolder,
        int atOnce)
    {
        _pairing = pairing;
        _costs = costs;
        _files = files;
        _objects = objects;
        _scratchFolder = scratchFolder;
        _permits = new SemaphoreSlim(atOnce);
        _smallPermits = new SemaphoreSlim(atOnce);
    }

    /// <summary>Builds a delta, verifies it and stores it, if it is smaller than the chunks that do the same.</summary>
    /// <param name="pair">Two visible releases of one product and platform.</param>
    /// <param name="quality">How small it must be.</param>
    /// <param name="progress">Told of each file.</param>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE, OBJECT_DAMAGED, STORE_FULL, CHUNK_MISSING; DELTA_BAD:
    /// the delta does not make its files.</exception>
    public async Task<NewDelta> BuildAsync(
        DeltaPair pair, DeltaQuality quality, IProgress<DeltaProgress> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var plan = await _pairing.PairAsync(pair, cancellationToken).ConfigureAwait(false);
        if (plan.Files.Count == 0) return new NewDelta(pair, quality, null, 0, 0, 0);

        using var made = new HashingStream(ScratchStream.Create(_scratchFolder));
        var figures = await EncodeAsync(plan, quality, made, progress, cancellationToken).ConfigureAwait(false);
        var cost = await _costs.GetAsync(pair.From, pair.To, cancellationToken).ConfigureAwait(false);
        bool isSmaller = figures.ObjectBytes < cost.ChunkBytes - (cost.ChunkBytes / LeastPartSaved);
        Digest? digest = isSmaller ? made.Finish() : null;
        if (digest is { } name)
        {
            await VerifyAsync(plan, made.Scratch, cancellationToken).ConfigureAwait(false);
            made.Scratch.Position = 0;
            await _objects.PutAsync(ObjectName.Delta(name), made.Scratch, cancellationToken).ConfigureAwait(false);
        }

        return new NewDelta(pair, quality, digest, figures.ObjectBytes, figures.Files, figures.TargetBytes);
    }

    /// <summary>Builds a quick delta to measure it; nothing is stored.</summary>
    /// <param name="plan">The files of the delta.</param>
    /// <returns>Its length in bytes; 0 when no file has changed.</returns>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE, STORE_FULL, CHUNK_MISSING.</exception>
    public async Task<long> MeasureAsync(PairedReleases plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        if (plan.Files.Count == 0) return 0;
        var ignored = new Progress<DeltaProgress>();
        var figures = await EncodeAsync(plan, DeltaQuality.Quick, Stream.Null, ignored, cancellationToken)
            .ConfigureAwait(false);
        return figures.ObjectBytes;
    }

    /// <summary>Frees what is kept between builds.</summary>
    public void Dispose()
    {
        _permits.Dispose();
        _smallPermits.Dispose();
    }

    private async Task<DeltaFigures> EncodeAsync(
        PairedReleases plan, DeltaQuality quality, Stream output, IProgress<DeltaProgress> progress,
        CancellationToken cancellationToken)
    {
        var isSmall = quality == DeltaQuality.Quick && plan.LargestFileBytes <= SmallFileBytes;
        var permits = isSmall ? _smallPermits : _permits;
        if (!await permits.WaitAsync(TimeSpan.Zero, cancellationToken).ConfigureAwait(false))
        {
            progress.Report(new DeltaProgress(0, plan.TargetBytes, 0, plan.Files.Count, IsHeld: true));
            await permits.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        try
        {
            return await EncodeAlongsideAsync(plan, quality, output, progress, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            permits.Release();
        }
    }

    private async Task<DeltaFigures> EncodeAlongsideAsync(
        PairedReleases plan, DeltaQuality quality, Stream output, IProgress<DeltaProgress> progress,
        CancellationToken cancellationToken)
    {
        var state = new DeltaProgress(0, plan.TargetBytes, 0, plan.Files.Count);
        progress.Report(state);
        using var target = ScratchStream.Create(_scratchFolder);
        using var @base = ScratchStream.Create(_scratchFolder);
        using var encoder = new DeltaEncoder(
            plan.Pair.From, plan.Pair.To, quality,
            () => new BufferedStream(ScratchStream.Create(_scratchFolder), BufferBytes), cancellationToken);
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

    /// <summary>Makes every file with the delta, as a device will: a delta that makes another file is never
    /// stored.</summary>
    /// <exception cref="DeltaBadException">The delta makes another file.</exception>
    private async Task VerifyAsync(PairedReleases plan, ScratchStream delta, CancellationToken cancellationToken)
    {
        using var @base = ScratchStream.Create(_scratchFolder);
        using var decoder = new DeltaDecoder(
            new ScratchReader(delta, cancellationToken), plan.Pair.From, plan.Pair.To,
            new DeltaSizes(plan.From.Sizes, plan.To.Sizes));
        var hasher = new Blake3Hasher();
        var garbage = new Garbage(plan.TargetBytes);
        foreach (var file in plan.Files)
        {
            garbage.Collect(file.Target.Size);
            if (!decoder.MoveNext() || decoder.Current.Entry != file.Target.Entry)
                throw new DeltaBadException($"it lacks {file.Target.Path}");
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
        ScratchStream scratch, ReleaseFile file, ReleaseListing release, CancellationToken cancellationToken)
    {
        scratch.SetLength(0);
        await _files.WriteAsync(file, release.Cut, scratch, cancellationToken).ConfigureAwait(false);
        return new ScratchReader(scratch, cancellationToken);
    }

    /// <summary>The garbage that assembling the files of large releases leaves.</summary>
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
