namespace ChunkOta.Chunking;

/// <summary>Receives the next bytes of a file that is made; they are valid for the call.</summary>
/// <param name="bytes">At least one.</param>
public delegate void DeltaSink(ReadOnlySpan<byte> bytes);

/// <summary>Makes files of a new release from a delta and files of the installed release, one after another.</summary>
/// <remarks>
/// For one caller at a time. The delta is untrusted: whatever its bytes are, the decoder reads no base beyond its end,
/// writes exactly the signed length of a file or throws, and holds no more than about 45 MiB. Only the signed digest of
/// a file proves that its bytes are right. After a <see cref="DeltaBadException"/> from <see cref="MoveNext"/> the rest
/// of the delta is unusable; after one from <see cref="WriteTo"/>, or a failure of a base or a sink, the next files may
/// still be good.
/// </remarks>
public sealed class DeltaDecoder : IDisposable
{
    private readonly IBaseReader _delta;
    private readonly DeltaSizes _sizes;
    private readonly DeltaHeader _header;
    private readonly CodedReader _coded;
    private readonly ZstdInflater? _inserts;
    private readonly EntrySource _entries;
    private readonly StepSource _steps;
    private readonly WordDifferenceSource _words;
    private readonly FileWriter _writer;
    private ProgramDifferenceSource? _program;
    private ZstdDecoder? _zstd;
    private CodedFile _file;
    private State _state;

    /// <summary>Opens a delta.</summary>
    /// <param name="delta">The object; read until the decoder is disposed of.</param>
    /// <param name="from">Digest of the manifest of the installed release.</param>
    /// <param name="to">Digest of the manifest of the new release.</param>
    /// <param name="sizes">The sizes of both releases' files, from their manifests.</param>
    /// <exception cref="DeltaBadException">Not a delta between these releases, or damaged.</exception>
    public DeltaDecoder(IBaseReader delta, Digest from, Digest to, DeltaSizes sizes)
    {
        ArgumentNullException.ThrowIfNull(delta);
        ArgumentNullException.ThrowIfNull(sizes);
        (_delta, _sizes) = (delta, sizes);
        _header = DeltaHeaderReader.Read(delta, from, to, sizes);
        _coded = new CodedReader(new StoredReader(delta, DeltaHeader.Length, _header.CodedBytes));
        if (_header.InsertBytes > 0)
        {
            var packed = new StoredReader(delta, _header.FramesEnd, delta.Length - _header.FramesEnd);
            _inserts = new ZstdInflater(packed, _header.InsertBytes);
        }

        _entries = new EntrySource(_coded, _header, sizes);
        _steps = new StepSource(_coded, _header.InsertBytes);
        _words = new WordDifferenceSource(_coded);
        _writer = new FileWriter(_inserts);
    }

    /// <summary>The file that <see cref="MoveNext"/> reached.</summary>
    public DeltaEntry Current => _file.Entry;

    /// <summary>Advances to the next file, and skips the current one if it was not written.</summary>
    /// <returns>True if there is one.</returns>
    /// <exception cref="DeltaBadException">The rest of the delta is unusable.</exception>
    public bool MoveNext()
    {
        if (_state == State.AtFile)
            Skip();
        if (_state == State.Broken)
            throw new DeltaBadException("an earlier part of it is damaged");
        _state = State.Broken;
        var hasFile = _entries.TryReadNext(out var file);
        if (hasFile)
            _file = file;
        _state = hasFile ? State.AtFile : State.BetweenFiles;
        return hasFile;
    }

    /// <summary>Makes the current file, once.</summary>
    /// <param name="base">The base that <see cref="Current"/> names; null where it names none.</param>
    /// <param name="sink">Receives the bytes in order; those received before a failure are useless.</param>
    /// <exception cref="DeltaBadException">The file cannot be made; those after it may still be good.</exception>
    public void WriteTo(IBaseReader? @base, DeltaSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        if (_state != State.AtFile)
            throw new InvalidOperationException("each file is written once, after MoveNext");
        if (Current.BaseEntry is { } number && @base?.Length != _sizes.Base[(int)number])
            throw new DeltaBadException($"the base of entry {Current.Entry} does not have its signed length");
        var output = new DeltaOutput(@base, sink);
        Decode(output);
        output.Failure?.Throw();
    }

    /// <summary>Skips the current file, without its base.</summary>
    /// <returns>The parts that it would be made from.</returns>
    /// <exception cref="DeltaBadException">The rest of the delta is unusable.</exception>
    public DeltaFileFigures Skip()
    {
        if (_state != State.AtFile)
            throw new InvalidOperationException("each file is skipped once, after MoveNext");
        return Decode(new DeltaOutput());
    }

    /// <summary>Frees the native memory.</summary>
    public void Dispose()
    {
        _inserts?.Dispose();
        _zstd?.Dispose();
    }

    private DeltaFileFigures Decode(DeltaOutput output)
    {
        // Prefix frames are independent of each other: a bad one spoils only its own file.
        _state = _file.Coding == DeltaCoding.PrefixFrame ? State.BetweenFiles : State.Broken;
        try
        {
            var figures = _file.Coding == DeltaCoding.PrefixFrame ? ExpandFrame(output) : RunSteps(output);
            _state = State.BetweenFiles;
            return figures;
        }
        catch (Exception invalid) when (invalid is FrameInvalidException or DecompressLimitException)
        {
            throw new DeltaBadException(invalid.Message, invalid);
        }
    }

    private DeltaFileFigures ExpandFrame(DeltaOutput output)
    {
        if (output.IsOpen)
        {
            var frame = new byte[_file.FrameBytes];
            _delta.Read(_file.FrameOffset, frame);
            var prefix = new byte[(int)_file.BaseBytes];
            output.Read(0, prefix);
            var made = new byte[(int)Current.TargetBytes];
            if (output.IsOpen)
            {
                _zstd ??= new ZstdDecoder();
                _zstd.Decode(frame, made, prefix, ZstdEncoder.MaxPrefixWindowLog);
                output.Write(made);
            }
        }

        return new DeltaFileFigures
        {
            Coding = DeltaCoding.PrefixFrame,
            Steps = 0,
            MovedSteps = 0,
            CopiedBytes = 0,
            DifferentBytes = 0,
            InsertedBytes = Current.TargetBytes,
            ObjectBytes = _file.FrameBytes,
        };
    }

    private DeltaFileFigures RunSteps(DeltaOutput output)
    {
        var codedBefore = _coded.Position;
        var isProgram = _file.Coding == DeltaCoding.Program;
        _steps.Begin(_file);
        _writer.Write(_steps, isProgram ? BeginProgram(output) : BeginWords(), output);

        // The encoder knows these only when it has written all differences of the program.
        long frameBytes = isProgram ? _entries.ReadFrameBytes() : 0;
        var differentBytes = isProgram ? _coded.ReadDifferentBytes() : _words.DifferentBytes;
        var counts = _steps.Counts;
        return new DeltaFileFigures
        {
            Coding = _file.Coding,
            Steps = counts.Steps,
            MovedSteps = counts.MovedSteps,
            CopiedBytes = counts.CopiedBytes,
            DifferentBytes = differentBytes,
            InsertedBytes = counts.InsertedBytes,
            ObjectBytes = _coded.Position - codedBefore + frameBytes + ShareOfInserts(counts.InsertedBytes),
        };
    }

    private WordDifferenceSource BeginWords()
    {
        _words.Begin();
        return _words;
    }

    private ProgramDifferenceSource BeginProgram(DeltaOutput output)
    {
        _program ??= new ProgramDifferenceSource(_delta, _header.FramesEnd);
        _program.Begin(_file, output);
        return _program;
    }

    /// <summary>A file's share of the one frame of inserts, by the plain bytes it inserts.</summary>
    private long ShareOfInserts(long inserted) => inserted == 0
        ? 0
        : (long)((UInt128)(_delta.Length - _header.FramesEnd) * (UInt128)inserted / (UInt128)_header.InsertBytes);

    private enum State
    {
        BetweenFiles,
        AtFile,
        Broken,
    }
}
