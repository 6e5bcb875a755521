namespace ChunkOta.Chunking;

/// <summary>
/// Makes a delta: for each file that changed, what turns a file of the release that is held into it.
/// </summary>
/// <remarks>
/// For one caller at a time. Files are read in windows, so memory does not grow with them: about 350 MiB at most. What
/// libzstd writes differs from version to version: nothing may depend on the bytes.
/// </remarks>
public sealed class DeltaEncoder : IDisposable
{
    /// <summary>Base and target of a prefix frame together: an agent holds both in memory.</summary>
    internal const int MaxPrefixBytes = 32 << 20;

    private const int CopyBufferBytes = 1 << 17;

    private readonly Digest _from;
    private readonly Digest _to;
    private readonly DeltaEffort _effort;
    private readonly Stream _coded;
    private readonly Stream _inserts;
    private readonly Stream _frames;
    private readonly Func<Stream> _openScratch;
    private readonly BitEncoder _encoder;
    private readonly BitEncoder.Coder _coder;
    private readonly StepModels _models = new();
    private readonly StepModels _before = new();
    private readonly WindowPair _windows;
    private readonly ZstdEncoder _zstd;
    private readonly List<CopyStep> _steps = [];
    private readonly byte[] _buffer = new byte[CopyBufferBytes];
    private long _nextEntry;
    private long _nextBase;
    private int _files;
    private long _targetBytes;
    private bool _isFinished;

    /// <summary>Begins a delta.</summary>
    /// <param name="from">Digest of the manifest of the release that is held.</param>
    /// <param name="to">Digest of the manifest of the release to make.</param>
    /// <param name="quality">How much work it is worth.</param>
    /// <param name="openScratch">Opens an empty, seekable stream to write and read; called a few times, each disposed of
    /// with the encoder. They take as much as the delta holds, its inserted bytes uncompressed.</param>
    public DeltaEncoder(Digest from, Digest to, DeltaQuality quality, Func<Stream> openScratch)
    {
        ArgumentNullException.ThrowIfNull(openScratch);
        (_from, _to) = (from, to);
        _effort = DeltaEffort.Of(quality);
        _openScratch = openScratch;
        _coded = openScratch();
        _inserts = openScratch();
        _frames = openScratch();
        _encoder = new BitEncoder(_coded);
        _coder = new BitEncoder.Coder(_encoder);
        _windows = new WindowPair(_effort);
        _zstd = new ZstdEncoder(_effort.ZstdLevel);
    }

    /// <summary>Adds a file that is made from a file of the release that is held.</summary>
    /// <param name="entry">Its entry number; higher than those before.</param>
    /// <param name="target">Its bytes; read before this returns, and never again.</param>
    /// <param name="baseEntry">The entry number of the base.</param>
    /// <param name="base">The base's bytes; read before this returns, and never again.</param>
    public void Add(uint entry, IBaseReader target, uint baseEntry, IBaseReader @base)
    {
        ArgumentNullException.ThrowIfNull(@base);
        AddFile(entry, target, baseEntry, @base);
    }

    /// <summary>Adds a file without a base.</summary>
    /// <param name="entry">Its entry number; higher than those before.</param>
    /// <param name="target">Its bytes; read before this returns, and never again.</param>
    public void Add(uint entry, IBaseReader target) => AddFile(entry, target, null, null);

    /// <summary>Writes the delta, once.</summary>
    /// <param name="output">Written from where it stands; not flushed or closed.</param>
    /// <exception cref="InvalidOperationException">Finished before, or no file was added.</exception>
    public DeltaTotals Finish(Stream output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_isFinished || _files == 0)
            throw new InvalidOperationException("a delta is finished once, and holds at least one file");
        _isFinished = true;
        _encoder.Finish();

        using var packed = _openScratch();
        var insertBytes = _inserts.Position;
        if (insertBytes > 0)
        {
            _inserts.Position = 0;
            ZstdDeflater.Compress(_inserts, insertBytes, packed, _effort.ZstdLevel);
        }

        Span<byte> header = stackalloc byte[DeltaHeader.Length];
        new DeltaHeader(_from, _to, _files, _coded.Position, _frames.Position, insertBytes).Write(header);
        var objectBytes = DeltaHeader.Length + _coded.Position + _frames.Position + packed.Position;
        output.Write(header);
        foreach (var part in (ReadOnlySpan<Stream>)[_coded, _frames, packed])
        {
            part.Position = 0;
            part.CopyTo(output);
        }

        return new DeltaTotals(_files, _targetBytes, objectBytes);
    }

    /// <summary>Closes the scratch streams and frees the native memory.</summary>
    public void Dispose()
    {
        _coded.Dispose();
        _inserts.Dispose();
        _frames.Dispose();
        _zstd.Dispose();
    }

    private void AddFile(uint entry, IBaseReader target, uint? baseEntry, IBaseReader? @base)
    {
        ArgumentNullException.ThrowIfNull(target);
        ObjectDisposedException.ThrowIf(_isFinished, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(entry, _nextEntry);
        var coder = _coder;
        _models.EntryGap(ref coder, entry - _nextEntry);
        _models.Base(ref coder, baseEntry is { } number ? 1 + StepModels.Fold(number - _nextBase) : 0);
        _nextEntry = entry + 1L;
        if (baseEntry is { } taken)
            _nextBase = taken + 1L;
        _files++;
        _targetBytes += target.Length;

        var mayPrefix = @base is { Length: > 0 } && target.Length > 0
            && @base.Length + target.Length <= _effort.MaxPrefixBytes;
        if (!mayPrefix)
        {
            AddSteps(target, @base);
            return;
        }

        var mark = _encoder.Mark();
        var insertsBefore = _inserts.Position;
        _before.CopyFrom(_models);
        AddSteps(target, @base);
        var inserted = _inserts.Position - insertsBefore;
        var frame = EncodePrefixFrame(_encoder.Position - mark.Position, insertsBefore, inserted);
        if (frame.IsEmpty)
            return;
        _encoder.Return(mark);
        _models.CopyFrom(_before);
        _inserts.SetLength(insertsBefore);
        _inserts.Position = insertsBefore;
        _models.Coding(ref coder, DeltaCoding.PrefixFrame);
        _models.FrameBytes(ref coder, frame.Length);
        _frames.Write(frame);
    }

    /// <summary>The file as a frame with its base as the prefix, if that is smaller than its steps and inserts.</summary>
    private ReadOnlySpan<byte> EncodePrefixFrame(long stepBytes, long insertsBefore, long inserted)
    {
        const int Overhead = 12;
        if (inserted == 0 && stepBytes < 4 * Overhead)
            return [];
        var packed = InsertCost(insertsBefore, (int)inserted);
        var budget = (int)Math.Min(stepBytes + packed - Overhead, _windows.Target.Length);
        if (budget <= 0)
            return [];
        var room = new byte[budget];
        return _zstd.TryEncode(_windows.Target, room, out var length, _windows.Base) ? room.AsSpan(0, length) : [];
    }

    /// <summary>What the last bytes of the inserts add to their frame: compressed with those before as a prefix.</summary>
    private int InsertCost(long insertsBefore, int inserted)
    {
        if (inserted == 0)
            return 0;
        var context = (int)Math.Min(insertsBefore, 1 << 20);
        var bytes = new byte[context + inserted];
        _inserts.Position = insertsBefore - context;
        _inserts.ReadExactly(bytes);
        var prefix = bytes.AsSpan(0, context).ToArray();
        var room = new byte[ZstdEncoder.MaxEncodedLength(inserted)];
        return _zstd.Encode(bytes.AsSpan(context), room, prefix);
    }

    private void AddSteps(IBaseReader target, IBaseReader? @base)
    {
        var coder = _coder;
        _models.Coding(ref coder, DeltaCoding.Steps);
        if (@base is not { Length: > 0 })
        {
            AddWhole(target);
            return;
        }

        long baseEnd = 0;
        for (long at = 0; at < target.Length; at += _windows.Target.Length)
        {
            _windows.Load(@base, target, at);
            _steps.Clear();
            _windows.FindSteps(_steps);
            var targetAt = 0;
            for (var first = 0; first < _steps.Count; first += StepModels.MaxSectionSteps)
            {
                var section = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_steps)
                    .Slice(first, Math.Min(StepModels.MaxSectionSteps, _steps.Count - first));
                AddSection(section, ref targetAt, ref baseEnd);
            }
        }
    }

    private void AddSection(ReadOnlySpan<CopyStep> section, ref int targetAt, ref long baseEnd)
    {
        var coder = _coder;
        _models.StepCount(ref coder, section.Length);
        foreach (var step in section)
        {
            _models.Step(ref coder, step, baseEnd);
            if (step.CopyBytes > 0)
                baseEnd = step.BaseOffset + step.CopyBytes;
        }

        long gap = 0;
        foreach (var step in section)
        {
            var old = _windows.Base.Slice((int)(step.BaseOffset - _windows.BaseStart), (int)step.CopyBytes);
            var made = _windows.Target.Slice(targetAt, old.Length);
            for (var at = 0; at < made.Length;)
            {
                var same = made[at..].CommonPrefixLength(old[at..]);
                gap += same;
                at += same;
                if (at == made.Length)
                    break;
                var width = Math.Min(DifferenceWord.Bytes, made.Length - at);
                _models.Gap(ref coder, gap);
                _models.Difference(ref coder, DifferenceWord.Of(made.Slice(at, width), old.Slice(at, width)));
                gap = 0;
                at += width;
            }

            targetAt += old.Length;
            _inserts.Write(_windows.Target.Slice(targetAt, (int)step.InsertBytes));
            targetAt += (int)step.InsertBytes;
        }

        if (gap > 0)
            _models.Gap(ref coder, gap);
    }

    /// <summary>Inserts a file as it is.</summary>
    private void AddWhole(IBaseReader target)
    {
        var coder = _coder;
        if (target.Length == 0)
            return;
        _models.StepCount(ref coder, 1);
        _models.Step(ref coder, new CopyStep(0, 0, target.Length), 0);
        for (long at = 0; at < target.Length;)
        {
            var piece = _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, target.Length - at));
            target.Read(at, piece);
            _inserts.Write(piece);
            at += piece.Length;
        }
    }
}
