namespace ChunkOta.Chunking;

/// <summary>Takes the next bytes of a file that is made; they are lent for the call.</summary>
/// <param name="bytes">At least one.</param>
public delegate void DeltaSink(ReadOnlySpan<byte> bytes);

/// <summary>Makes files of a new release from a delta and files of the release that is held, one after another.</summary>
/// <remarks>
/// For one caller at a time. Believes nothing: whatever the bytes are, it reads no base beyond its end, writes exactly the
/// signed length of a file or throws, and holds no more than about 45 MiB. That the bytes are right is for the signed digest
/// to say. After <see cref="DeltaBadException"/> out of <see cref="MoveNext"/> the delta is of no more use; out of
/// <see cref="WriteTo"/>, or after any failure of a base or a sink, the next files may still be good.
/// </remarks>
public sealed class DeltaDecoder : IDisposable
{
    private readonly IBaseReader _delta;
    private readonly DeltaSizes _sizes;
    private readonly DeltaHeader _header;
    private readonly BitDecoder _bits;
    private readonly BitDecoder.Coder _coder;
    private readonly ZstdInflater? _inserts;
    private readonly StepModels _models = new();
    private readonly byte[] _block = new byte[ProgramModels.BlockBytes];
    private ProgramModels? _program;
    private ZstdDecoder? _zstd;
    private CopyStep[] _section = [];
    private long _insertedInAll;
    private long _nextEntry;
    private long _nextBase;
    private long _nextFrame;
    private int _filesLeft;
    private DeltaStep _current;
    private DeltaCoding _coding;
    private int _frameBytes;
    private bool _isPending;
    private bool _isBroken;

    /// <summary>Opens a delta.</summary>
    /// <param name="delta">The object; read until the decoder is disposed of.</param>
    /// <param name="from">Digest of the manifest of the release that is held.</param>
    /// <param name="to">Digest of the manifest of the release to make.</param>
    /// <param name="sizes">What both manifests say of their files.</param>
    /// <exception cref="DeltaBadException">Not a delta between these releases, or damaged.</exception>
    public DeltaDecoder(IBaseReader delta, Digest from, Digest to, DeltaSizes sizes)
    {
        ArgumentNullException.ThrowIfNull(delta);
        ArgumentNullException.ThrowIfNull(sizes);
        (_delta, _sizes) = (delta, sizes);
        _header = DeltaHeader.Read(delta);
        if (_header.From != from || _header.To != to)
            throw new DeltaBadException("it is for other releases");
        if (_header.Files > sizes.Target.Count)
            throw new DeltaBadException("it gives more files than the release has");
        long mostInserts = 0;
        foreach (var bytes in sizes.Target) mostInserts += Math.Max(0, bytes);
        if (_header.InsertBytes > mostInserts)
            throw new DeltaBadException("it inserts more than the release is long");
        _filesLeft = _header.Files;
        _nextFrame = DeltaHeader.Length + _header.CodedBytes;
        _bits = new BitDecoder(new StoredReader(delta, DeltaHeader.Length, _header.CodedBytes));
        _coder = new BitDecoder.Coder(_bits);
        if (_header.InsertBytes > 0)
        {
            var start = _nextFrame + _header.FrameBytes;
            _inserts = new ZstdInflater(new StoredReader(delta, start, delta.Length - start), _header.InsertBytes);
        }
    }

    /// <summary>The file that <see cref="MoveNext"/> came to.</summary>
    public DeltaStep Current => _current;

    /// <summary>Goes on to the next file; passes over the current one if it was not written.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="DeltaBadException">The rest of the delta is of no use.</exception>
    public bool MoveNext()
    {
        if (_isPending)
            Skip();
        if (_isBroken)
            throw new DeltaBadException("an earlier part of it is damaged");
        if (_filesLeft == 0)
            return false;
        _filesLeft--;
        _isBroken = true;
        ReadFile();
        (_isBroken, _isPending) = (false, true);
        return true;
    }

    /// <summary>Makes the current file, once.</summary>
    /// <param name="base">The base that <see cref="Current"/> names; null where it names none.</param>
    /// <param name="sink">Gets the bytes in order. What it got before a failure is rubbish.</param>
    /// <exception cref="DeltaBadException">The file cannot be made; those after it perhaps can.</exception>
    public void WriteTo(IBaseReader? @base, DeltaSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        if (!_isPending)
            throw new InvalidOperationException("each file is written once, after MoveNext");
        if (_current.BaseEntry is not null && @base?.Length != _sizes.Base[(int)_current.BaseEntry])
            throw new DeltaBadException($"the base of entry {_current.Entry} is not as long as was signed");
        var output = new DeltaOutput(@base, sink);
        Decode(output);
        output.Failure?.Throw();
    }

    /// <summary>Passes over the current file, which needs no base, and tells how it would be made.</summary>
    /// <exception cref="DeltaBadException">The rest of the delta is of no use.</exception>
    public DeltaFileFacts Skip()
    {
        if (!_isPending)
            throw new InvalidOperationException("each file is skipped once, after MoveNext");
        return Decode(null);
    }

    /// <summary>Frees the native memory.</summary>
    public void Dispose()
    {
        _inserts?.Dispose();
        _zstd?.Dispose();
    }

    private void ReadFile()
    {
        var coder = _coder;
        var entry = _nextEntry + _models.EntryGap(ref coder, 0);
        if (entry < 0 || entry >= _sizes.Target.Count || _sizes.Target[(int)entry] < 0)
            throw new DeltaBadException("it gives a file that the release does not have");
        _nextEntry = entry + 1;
        uint? baseEntry = null;
        if (_models.Base(ref coder, 0) is > 0 and var folded)
        {
            var number = _nextBase + StepModels.Unfold(folded - 1);
            if (number < 0 || number >= _sizes.Base.Count || _sizes.Base[(int)number] < 0)
                throw new DeltaBadException("it takes a base that is no file of the release that is held");
            baseEntry = (uint)number;
            _nextBase = number + 1;
        }

        _current = new DeltaStep((uint)entry, baseEntry, _sizes.Target[(int)entry]);
        _coding = _models.Coding(ref coder, DeltaCoding.Steps);
        if (_coding == DeltaCoding.Steps)
            return;
        if (_coding > DeltaCoding.Program || baseEntry is null)
            throw new DeltaBadException("it codes a file in no way that is known here");
        if (_coding == DeltaCoding.Program)
            return;
        _frameBytes = (int)TakeFrame();
        if (_frameBytes > DeltaEncoder.MaxPrefixBytes || BaseBytes + _current.TargetBytes > DeltaEncoder.MaxPrefixBytes)
            throw new DeltaBadException("a frame of it is longer than there is room");
    }

    /// <summary>Reads the length of the next part of the frames, and passes over it.</summary>
    private long TakeFrame()
    {
        var coder = _coder;
        var bytes = _models.FrameBytes(ref coder, 0);
        if (bytes > Math.Min(FramesEnd - _nextFrame, int.MaxValue))
            throw new DeltaBadException("a frame of it is longer than there is room");
        _nextFrame += bytes;
        return bytes;
    }

    private long FramesEnd => DeltaHeader.Length + _header.CodedBytes + _header.FrameBytes;

    private long BaseBytes => _current.BaseEntry is { } number ? _sizes.Base[(int)number] : 0;

    private DeltaFileFacts Decode(DeltaOutput? output)
    {
        (_isPending, _isBroken) = (false, true);
        try
        {
            var facts = _coding == DeltaCoding.PrefixFrame ? ExpandFrame(output) : RunSteps(output);
            _isBroken = false;
            return facts;
        }
        catch (Exception invalid) when (invalid is FrameInvalidException or DecompressLimitException)
        {
            throw new DeltaBadException(invalid.Message, invalid);
        }
    }

    private DeltaFileFacts ExpandFrame(DeltaOutput? output)
    {
        if (output is not null)
        {
            // Frames are apart from each other: a bad one spoils only its own file.
            _isBroken = false;
            var frame = new byte[_frameBytes];
            _delta.Read(_nextFrame - _frameBytes, frame);
            var prefix = new byte[(int)BaseBytes];
            output.Read(0, prefix);
            var made = new byte[(int)_current.TargetBytes];
            if (output.Failure is null)
            {
                _zstd ??= new ZstdDecoder();
                _zstd.Decode(frame, made, prefix, ZstdEncoder.MaxPrefixWindowLog);
                output.Write(made);
            }
        }

        return new DeltaFileFacts(DeltaCoding.PrefixFrame, 0, 0, 0, 0, _current.TargetBytes, _frameBytes);
    }

    private DeltaFileFacts RunSteps(DeltaOutput? output)
    {
        var facts = new DeltaFileFacts(_coding, 0, 0, 0, 0, 0, 0);
        var coder = _coder;
        var codedBefore = _bits.Position;
        long frameBytes = 0;
        BitDecoder? program = null;
        if (_coding == DeltaCoding.Program && output is not null)
        {
            program = new BitDecoder(new StoredReader(_delta, _nextFrame, FramesEnd - _nextFrame));
            _program ??= new ProgramModels();
            _program.Reset(BaseBytes);
        }

        long baseEnd = 0;
        for (var left = _current.TargetBytes; left > 0;)
        {
            var count = _models.StepCount(ref coder, 0);
            if (count is < 1 or > StepModels.MaxSectionSteps)
                throw new DeltaBadException("a section of it has no steps or too many");
            if (_section.Length < count)
                _section = new CopyStep[count];
            var section = _section.AsSpan(0, (int)count);
            var before = left;
            foreach (ref var step in section)
            {
                step = _models.Step(ref coder, default, baseEnd);
                Check(step, ref left);
                facts = facts with
                {
                    Steps = facts.Steps + 1,
                    MovedSteps = facts.MovedSteps + (step.CopyBytes > 0 && step.BaseOffset != baseEnd ? 1 : 0),
                    CopiedBytes = facts.CopiedBytes + step.CopyBytes,
                    InsertedBytes = facts.InsertedBytes + step.InsertBytes,
                };
                if (step.CopyBytes > 0)
                    baseEnd = step.BaseOffset + step.CopyBytes;
            }

            if (_coding == DeltaCoding.Steps)
                facts = facts with { DifferentBytes = facts.DifferentBytes + RunSection(section, output) };
            else
                RunProgramSection(section, _current.TargetBytes - before, program, output);
        }

        if (_coding == DeltaCoding.Program)
        {
            frameBytes = TakeFrame();
            facts = facts with { DifferentBytes = _models.DifferentBytes(ref coder, 0) };
        }

        return facts with { ObjectBytes = _bits.Position - codedBefore + frameBytes + ShareOfInserts(facts.InsertedBytes) };
    }

    /// <summary>The inserts of all files are one frame, read in blocks: its bytes are shared out by what each inserts.</summary>
    private long ShareOfInserts(long inserted) => inserted == 0
        ? 0
        : (long)((UInt128)(_delta.Length - FramesEnd) * (UInt128)inserted / (UInt128)_header.InsertBytes);

    private void Check(CopyStep step, ref long left)
    {
        if (step.CopyBytes > left || step.InsertBytes > left - step.CopyBytes || step.CopyBytes + step.InsertBytes == 0)
            throw new DeltaBadException($"it makes entry {_current.Entry} longer than was signed");
        left -= step.CopyBytes + step.InsertBytes;
        if (step.CopyBytes > 0
            && (step.BaseOffset < 0 || step.BaseOffset > BaseBytes || step.CopyBytes > BaseBytes - step.BaseOffset))
        {
            throw new DeltaBadException($"it copies from beyond the base of entry {_current.Entry}");
        }

        _insertedInAll += step.InsertBytes;
        if (_insertedInAll > _header.InsertBytes)
            throw new DeltaBadException("it inserts more than it holds");
    }

    /// <summary>Runs steps whose differences are words among those of all files.</summary>
    /// <returns>Bytes in words that differ.</returns>
    private long RunSection(ReadOnlySpan<CopyStep> section, DeltaOutput? output)
    {
        var coder = _coder;
        long different = 0;
        var gap = _models.Gap(ref coder, 0);
        foreach (var step in section)
        {
            for (long done = 0; done < step.CopyBytes;)
            {
                var block = _block.AsSpan(0, (int)Math.Min(_block.Length, step.CopyBytes - done));
                output?.Read(step.BaseOffset + done, block);
                var at = 0;
                while (gap < block.Length - at)
                {
                    at += (int)gap;
                    var width = Math.Min(DifferenceWord.Bytes, block.Length - at);
                    DifferenceWord.Add(block.Slice(at, width), _models.Difference(ref coder, 0));
                    at += width;
                    different += width;
                    gap = _models.Gap(ref coder, 0);
                }

                gap -= block.Length - at;
                output?.Write(block);
                done += block.Length;
            }

            Insert(step.InsertBytes, output);
        }

        return different;
    }

    /// <summary>Runs steps whose differences are coded for this file alone; without a sound base they are passed over.</summary>
    private void RunProgramSection(ReadOnlySpan<CopyStep> section, long targetStart, BitDecoder? bits, DeltaOutput? output)
    {
        if (bits is not null && output is { Failure: null })
        {
            try
            {
                var coder = new BitDecoder.Coder(bits);
                _program!.BeginSection(ref coder, section, targetStart);
            }
            catch (DeltaBadException failure)
            {
                output.Fail(failure);
            }
        }

        foreach (var step in section)
        {
            for (long done = 0; output is { Failure: null } && done < step.CopyBytes;)
            {
                var block = _block.AsSpan(0, (int)Math.Min(_block.Length, step.CopyBytes - done));
                output.Read(step.BaseOffset + done, block);
                CodeBlock(block, done == 0, step.BaseOffset + done, targetStart - step.BaseOffset, bits!, output);
                output.Write(block);
                done += block.Length;
            }

            targetStart += step.CopyBytes + step.InsertBytes;
            Insert(step.InsertBytes, output);
        }
    }

    private void CodeBlock(Span<byte> block, bool isFirst, long place, long shift, BitDecoder bits, DeltaOutput output)
    {
        try
        {
            var coder = new BitDecoder.Coder(bits);
            _program!.Code(ref coder, block, [], isFirst, place, shift);
        }
        catch (DeltaBadException failure)
        {
            // A base of other bytes leads astray: no reason to give up the files after this one.
            output.Fail(failure);
        }
    }

    private void Insert(long count, DeltaOutput? output)
    {
        while (count > 0)
        {
            var piece = _block.AsSpan(0, (int)Math.Min(_block.Length, count));
            _inserts!.Read(piece);
            output?.Write(piece);
            count -= piece.Length;
        }
    }
}
