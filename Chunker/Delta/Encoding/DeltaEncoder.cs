using System.Runtime.InteropServices;

namespace ChunkOta.Chunking;

/// <summary>
/// Makes a delta: for each file that changed, what turns a file of the release that is held into it.
/// </summary>
/// <remarks>
/// For one caller at a time. Files are read in windows, so memory does not grow with them. It is native memory: at most
/// 208 MiB of base, target and index while steps are found; about as much, half of it libzstd's, for a prefix frame, which is
/// tried of small files alone; 100 MiB of libzstd for the inserts, when all else was given back. Models, and what is known of
/// bases over 128 MiB, are 20 MiB of the managed heap; a step is 24 bytes. What libzstd writes differs from version to version:
/// nothing may depend on the bytes.
/// </remarks>
public sealed class DeltaEncoder : IDisposable
{
    /// <summary>Base and target of a prefix frame together: an agent holds both in memory.</summary>
    internal const int MaxPrefixBytes = 32 << 20;

    /// <summary>Coding as a program must save 256 bytes in each MiB: it takes a device longer.</summary>
    private const int ProgramCostShift = 12;

    /// <summary>The lower byte of e_machine for x86-64.</summary>
    private const byte X86 = 62;

    private const int CopyBufferBytes = 1 << 17;

    /// <summary>What was inserted before, as far as an estimate of the cost of more looks at it.</summary>
    private const int MaxContextBytes = 1 << 20;

    /// <summary>After a longer prefix frame libzstd gives its memory back.</summary>
    private const int MaxKeptPrefixBytes = 2 << 20;

    private readonly Digest _from;
    private readonly Digest _to;
    private readonly DeltaEffort _effort;
    private readonly Stream _coded;
    private readonly Stream _inserts;
    private readonly Stream _frames;
    private readonly Func<Stream> _openScratch;
    private readonly CancellationToken _cancellationToken;
    private readonly BitEncoder _encoder;
    private readonly BitEncoder.Coder _coder;
    private readonly BitEncoder _programEncoder;
    private readonly ProgramModels _program = new();
    private readonly StepModels _models = new();
    private readonly StepModels _before = new();
    private readonly WindowPair _windows;
    private readonly StepWriter _writer;
    private readonly NativeBuffer<byte> _frameRoom = new();
    private readonly NativeBuffer<byte> _insertRoom = new();
    private ZstdEncoder? _zstd;
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
    /// <param name="cancellationToken">Ends any call within the time that 1 MiB takes, or a prefix frame of at most 16 MiB;
    /// nothing but <see cref="Dispose"/> may follow.</param>
    public DeltaEncoder(
        Digest from, Digest to, DeltaQuality quality, Func<Stream> openScratch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(openScratch);
        (_from, _to) = (from, to);
        _effort = DeltaEffort.Of(quality);
        _openScratch = openScratch;
        _cancellationToken = cancellationToken;
        _coded = openScratch();
        _inserts = openScratch();
        _frames = openScratch();
        _encoder = new BitEncoder(_coded);
        _coder = new BitEncoder.Coder(_encoder);
        _programEncoder = new BitEncoder(_frames);
        _windows = new WindowPair(_effort, cancellationToken);
        _writer = new StepWriter(_windows, _encoder, _models, _inserts, cancellationToken);
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
        Release(); // libzstd needs about 100 MiB for the inserts.

        using var packed = _openScratch();
        var insertBytes = _inserts.Position;
        if (insertBytes > 0)
        {
            var level = Inserts.AreDense(_inserts, insertBytes) ? Inserts.DenseLevel : _effort.ZstdLevel;
            _inserts.Position = 0;
            ZstdDeflater.Compress(_inserts, insertBytes, packed, level, _cancellationToken);
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
        Release();
    }

    /// <summary>Bytes of native memory that are held, but for what libzstd takes.</summary>
    internal long HeldBytes => _windows.HeldBytes + _frameRoom.HeldBytes + _insertRoom.HeldBytes;

    private void Release()
    {
        _windows.Dispose();
        _frameRoom.Dispose();
        _insertRoom.Dispose();
        _zstd?.Dispose();
        _zstd = null;
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

        if (@base is not { Length: > 0 } || target.Length == 0)
        {
            _models.Coding(ref coder, DeltaCoding.Steps);
            AddWhole(target);
            return;
        }

        var start = Mark();
        _before.CopyFrom(_models);
        _windows.Load(@base, target, 0);
        _windows.FindSteps(_steps);
        var (coding, bytes) = WriteBetter(start, target.Length, @base.Length);

        for (long at = _windows.Target.Length; at < target.Length; at += _windows.Target.Length)
        {
            _windows.Load(@base, target, at);
            _windows.FindSteps(_steps);
            WriteWindow(coding);
        }

        if (coding == DeltaCoding.Program)
            FinishProgram(start);
        else if (@base.Length + target.Length <= _effort.MaxPrefixBytes && IsText(_windows.Target))
            TryPrefixFrame(bytes, start);
    }

    /// <summary>Codes the first window in the way that takes fewer bytes.</summary>
    private (DeltaCoding Coding, long Bytes) WriteBetter(Point start, long targetBytes, long baseBytes)
    {
        // The first window of a very large file says little of the rest, and trying both takes time.
        if (baseBytes > WindowPair.MaxBaseBytes || IsProgram(_windows.Target))
            return (DeltaCoding.Program, WriteFirst(DeltaCoding.Program, start, baseBytes));
        var bytes = WriteFirst(DeltaCoding.Steps, start);
        if (bytes <= _effort.MinProgramBytes)
            return (DeltaCoding.Steps, bytes);
        Return(start);
        var own = WriteFirst(DeltaCoding.Program, start, baseBytes);
        if (own + (targetBytes >> ProgramCostShift) < bytes)
            return (DeltaCoding.Program, own);
        Return(start);
        return (DeltaCoding.Steps, WriteFirst(DeltaCoding.Steps, start));
    }

    private Point Mark() => new(_encoder.Mark(), _inserts.Position, _frames.Position);

    /// <summary>Goes back to where a file began.</summary>
    private void Return(Point start)
    {
        _encoder.Return(start.Coded);
        _programEncoder.Restart();
        _models.CopyFrom(_before);
        foreach (var (stream, position) in (ReadOnlySpan<(Stream, long)>)[(_inserts, start.Inserts), (_frames, start.Frames)])
        {
            stream.SetLength(position);
            stream.Position = position;
        }
    }

    /// <summary>Begins a file and codes its first window.</summary>
    /// <returns>The bytes it takes, without what is inserted.</returns>
    private long WriteFirst(DeltaCoding coding, Point start, long baseBytes = 0)
    {
        var coder = _coder;
        _models.Coding(ref coder, coding);
        _writer.Begin();
        if (coding == DeltaCoding.Program)
            _program.Reset(baseBytes);
        WriteWindow(coding);
        return _encoder.Position - start.Coded.Position + _programEncoder.Position - start.Frames;
    }

    private void WriteWindow(DeltaCoding coding) => _writer.Write(
        CollectionsMarshal.AsSpan(_steps), coding == DeltaCoding.Program ? (_program, _programEncoder) : null);

    private void FinishProgram(Point start)
    {
        var coder = _coder;
        _programEncoder.Finish();
        _models.FrameBytes(ref coder, _frames.Position - start.Frames);
        _models.DifferentBytes(ref coder, _program.DifferentBytes);
    }

    /// <summary>Whether a file begins like a program of Linux for x86-64: its own coding is then the shorter one.</summary>
    private static bool IsProgram(ReadOnlySpan<byte> bytes) =>
        bytes.Length > 20 && bytes.StartsWith("\u007fELF"u8) && bytes[18] == X86;

    /// <summary>Whether a file looks like text: of programs no prefix frame is smaller than the steps.</summary>
    private static bool IsText(ReadOnlySpan<byte> bytes) => !bytes[..Math.Min(bytes.Length, 4096)].Contains((byte)0);

    private void TryPrefixFrame(long stepBytes, Point start)
    {
        var inserted = (int)(_inserts.Position - start.Inserts);
        _zstd ??= new ZstdEncoder(_effort.ZstdLevel);
        var frame = EncodePrefixFrame(_zstd, stepBytes, start.Inserts, inserted);
        if (_windows.Base.Length + _windows.Target.Length > MaxKeptPrefixBytes)
        {
            _zstd.Dispose();
            _zstd = null;
        }

        if (frame.IsEmpty)
            return;
        Return(start);
        var coder = _coder;
        _models.Coding(ref coder, DeltaCoding.PrefixFrame);
        _models.FrameBytes(ref coder, frame.Length);
        _frames.Write(frame);
    }

    /// <summary>The file as a frame with its base as the prefix, if that is smaller than its steps and inserts.</summary>
    private ReadOnlySpan<byte> EncodePrefixFrame(ZstdEncoder zstd, long stepBytes, long insertsBefore, int inserted)
    {
        const int Overhead = 12;
        if (inserted == 0 && stepBytes < 4 * Overhead)
            return [];
        var packed = InsertCost(zstd, insertsBefore, inserted);
        var budget = (int)Math.Min(stepBytes + packed - Overhead, _windows.Target.Length);
        if (budget <= 0)
            return [];
        var room = _frameRoom.Take(budget);
        return zstd.TryEncode(_windows.Target, room, out var length, _windows.Base) ? room[..length] : [];
    }

    /// <summary>What the last bytes of the inserts add to their frame: compressed with those before as a prefix.</summary>
    private int InsertCost(ZstdEncoder zstd, long insertsBefore, int inserted)
    {
        if (inserted == 0)
            return 0;
        var context = (int)Math.Min(insertsBefore, MaxContextBytes);
        var bytes = _insertRoom.Take(context + inserted);
        _inserts.Position = insertsBefore - context;
        _inserts.ReadExactly(bytes);
        return zstd.Encode(
            bytes[context..], _frameRoom.Take(ZstdEncoder.MaxEncodedLength(inserted)), bytes[..context]);
    }

    /// <summary>Inserts a file as it is.</summary>
    private void AddWhole(IBaseReader target)
    {
        var coder = _coder;
        if (target.Length == 0)
            return;
        _models.StepCount(ref coder, 1);
        _models.Step(ref coder, new CopyStep(0, 0, target.Length), 0);
        _models.Gap(ref coder, 0);
        for (long at = 0; at < target.Length;)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            var piece = _buffer.AsSpan(0, (int)Math.Min(_buffer.Length, target.Length - at));
            target.Read(at, piece);
            _inserts.Write(piece);
            at += piece.Length;
        }
    }

    /// <summary>Where a file began, in the coded part, the inserts and the frames.</summary>
    private readonly record struct Point((long Position, uint Low, uint High) Coded, long Inserts, long Frames);
}
