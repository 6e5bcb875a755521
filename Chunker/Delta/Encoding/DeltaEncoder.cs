namespace ChunkOta.Chunking;

/// <summary>
/// Makes a delta: for each changed file, the steps that turn a file of the installed release into it.
/// </summary>
/// <remarks>
/// For one caller at a time. Files are read in windows, so memory does not grow with them. Native memory: at most 208
/// MiB of base, target and index during the search; about as much, half of it libzstd's, for a prefix frame, which only
/// small files get; 100 MiB of libzstd for the inserts, after everything else was freed. Managed memory: 20 MiB of
/// models and of what is known of bases over 128 MiB, and 24 bytes a step. The output of libzstd differs from version
/// to version: nothing may depend on the bytes.
/// </remarks>
public sealed class DeltaEncoder : IDisposable
{
    private const int CopyBufferBytes = 1 << 17;

    /// <summary>Level for dense inserts: a higher one takes ten times as long and saves 0.2 %.</summary>
    private const int DenseLevel = 3;

    /// <summary>Fewer inserted bytes are not sampled.</summary>
    private const int MinSampledBytes = 1 << 20;

    private const int Samples = 16;
    private const int SampleBytes = 1 << 15;

    private readonly Digest _from;
    private readonly Digest _to;
    private readonly DeltaEffort _effort;
    private readonly Func<Stream> _openScratch;
    private readonly CancellationToken _cancellationToken;
    private readonly DeltaParts _parts;
    private readonly FileEncoder _files;
    private readonly byte[] _buffer = new byte[CopyBufferBytes];
    private long _nextEntry;
    private long _nextBase;
    private int _fileCount;
    private long _targetBytes;
    private bool _isFinished;

    /// <summary>Begins a delta.</summary>
    /// <remarks>
    /// Cancellation ends any call within the time that 1 MiB takes, or a prefix frame of at most 16 MiB; only
    /// <see cref="Dispose"/> may follow.
    /// </remarks>
    /// <param name="from">Digest of the manifest of the installed release.</param>
    /// <param name="to">Digest of the manifest of the new release.</param>
    /// <param name="quality">The effort to spend.</param>
    /// <param name="openScratch">Opens an empty, seekable stream to write and read; called four times, each stream is
    /// disposed of with the encoder. Together they take as much space as the delta with its inserts
    /// uncompressed.</param>
    public DeltaEncoder(
        Digest from,
        Digest to,
        DeltaQuality quality,
        Func<Stream> openScratch,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(openScratch);
        (_from, _to) = (from, to);
        _effort = DeltaEffort.Of(quality);
        _openScratch = openScratch;
        _cancellationToken = cancellationToken;
        _parts = new DeltaParts(openScratch);
        _files = new FileEncoder(_effort, _parts, cancellationToken);
    }

    /// <summary>Adds a file that is made from a file of the installed release.</summary>
    /// <param name="entry">Its entry number; higher than those before.</param>
    /// <param name="target">Its bytes; read only during the call.</param>
    /// <param name="baseEntry">The entry number of the base.</param>
    /// <param name="base">The base's bytes; read only during the call.</param>
    public void Add(uint entry, IBaseReader target, uint baseEntry, IBaseReader @base)
    {
        ArgumentNullException.ThrowIfNull(@base);
        AddFile(entry, target, baseEntry, @base);
    }

    /// <summary>Adds a file without a base.</summary>
    /// <param name="entry">Its entry number; higher than those before.</param>
    /// <param name="target">Its bytes; read only during the call.</param>
    public void Add(uint entry, IBaseReader target) => AddFile(entry, target, null, null);

    /// <summary>Writes the delta, once.</summary>
    /// <param name="output">Written from its current position; not flushed or closed.</param>
    /// <exception cref="InvalidOperationException">Finished before, or no file was added.</exception>
    public DeltaFigures Finish(Stream output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_isFinished || _fileCount == 0)
            throw new InvalidOperationException("a delta is finished once, and holds at least one file");
        _isFinished = true;
        _parts.Encoder.Finish();
        _files.Dispose(); // libzstd needs about 100 MiB for the inserts.

        using var packed = _openScratch();
        var inserts = _parts.Inserts;
        var insertBytes = inserts.Position;
        if (insertBytes > 0)
        {
            var level = AreDense(inserts, insertBytes) ? DenseLevel : _effort.ZstdLevel;
            inserts.Position = 0;
            ZstdDeflater.Compress(inserts, insertBytes, packed, level, _cancellationToken);
        }

        var (coded, frames) = (_parts.Coded, _parts.Frames);
        Span<byte> header = stackalloc byte[DeltaHeader.Length];
        new DeltaHeader(_from, _to, _fileCount, coded.Position, frames.Position, insertBytes).Write(header);
        var objectBytes = DeltaHeader.Length + coded.Position + frames.Position + packed.Position;
        output.Write(header);
        foreach (var part in (ReadOnlySpan<Stream>)[coded, frames, packed])
        {
            part.Position = 0;
            part.CopyTo(output);
        }

        return new DeltaFigures(_fileCount, _targetBytes, objectBytes);
    }

    /// <summary>Closes the scratch streams and frees the native memory.</summary>
    public void Dispose()
    {
        _parts.Dispose();
        _files.Dispose();
    }

    /// <summary>Bytes of native memory allocated, without libzstd's own.</summary>
    internal long HeldBytes => _files.HeldBytes;

    private void AddFile(uint entry, IBaseReader target, uint? baseEntry, IBaseReader? @base)
    {
        ArgumentNullException.ThrowIfNull(target);
        ObjectDisposedException.ThrowIf(_isFinished, this);
        ArgumentOutOfRangeException.ThrowIfLessThan(entry, _nextEntry);
        var coder = _parts.Coder;
        _parts.Models.EntryGap(ref coder, entry - _nextEntry);
        _parts.Models.Base(ref coder, baseEntry is { } number ? 1 + NumberModel.Fold(number - _nextBase) : 0);
        _nextEntry = entry + 1L;
        if (baseEntry is { } used)
            _nextBase = used + 1L;
        _fileCount++;
        _targetBytes += target.Length;

        if (@base is { Length: > 0 } && target.Length > 0)
            _files.Encode(target, @base);
        else
            AddWhole(target);
    }

    /// <summary>Inserts all bytes of a file.</summary>
    private void AddWhole(IBaseReader target)
    {
        var coder = _parts.Coder;
        _parts.Models.Coding(ref coder, DeltaCoding.Steps);
        if (target.Length == 0)
            return;
        _parts.Models.StepCount(ref coder, 1);
        _parts.Models.Step(ref coder, new CopyStep(0, 0, target.Length), 0);
        _parts.Models.Gap(ref coder, 0);
        for (long offset = 0; offset < target.Length;)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            var piece = _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, target.Length - offset));
            target.Read(offset, piece);
            _parts.Inserts.Write(piece);
            offset += piece.Length;
        }
    }

    /// <summary>True if the inserts hardly compress, because they are compressed or random already.</summary>
    /// <param name="inserts">Sampled; its position afterwards is undefined.</param>
    /// <param name="insertBytes">Its length.</param>
    private static bool AreDense(Stream inserts, long insertBytes)
    {
        if (insertBytes < MinSampledBytes)
            return false;
        using var zstd = new ZstdEncoder(DenseLevel);
        var sample = new byte[SampleBytes];
        var frame = new byte[ZstdEncoder.MaxEncodedLength(SampleBytes)];
        long encoded = 0;
        for (var number = 0; number < Samples; number++)
        {
            inserts.Position = (insertBytes - SampleBytes) / (Samples - 1) * number;
            inserts.ReadExactly(sample);
            encoded += zstd.Encode(sample, frame);
        }

        return encoded > Samples * SampleBytes / 100 * 98;
    }
}
