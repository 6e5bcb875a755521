using System.Runtime.InteropServices;

namespace ChunkOta.Chunking;

/// <summary>Encodes one file from its base, in the coding that takes the fewest bytes.</summary>
internal sealed class FileEncoder : IDisposable
{
    /// <summary>Coding as a program must save 256 bytes in each MiB, because it takes a device longer.</summary>
    private const int ProgramCostShift = 12;

    /// <summary>The lower byte of an ELF file's e_machine for x86-64.</summary>
    private const byte X86 = 62;

    private readonly DeltaEffort _effort;
    private readonly DeltaParts _parts;
    private readonly WindowPair _windows;
    private readonly StepWriter _writer;
    private readonly PrefixFrameEncoder _prefixFrames;
    private readonly ProgramModels _program = new();
    private readonly List<CopyStep> _steps = [];

    /// <param name="effort">Settings of the search.</param>
    /// <param name="parts">Receives the files.</param>
    /// <param name="cancellationToken"/>
    public FileEncoder(DeltaEffort effort, DeltaParts parts, CancellationToken cancellationToken)
    {
        (_effort, _parts) = (effort, parts);
        _windows = new WindowPair(effort, cancellationToken);
        _writer = new StepWriter(_windows, parts, cancellationToken);
        _prefixFrames = new PrefixFrameEncoder(_windows, parts, effort.ZstdLevel);
    }

    /// <summary>Bytes of native memory allocated, without libzstd's own.</summary>
    public long HeldBytes => _windows.HeldBytes + _prefixFrames.HeldBytes;

    /// <summary>Encodes a file, from its coding onward.</summary>
    /// <param name="target">At least one byte.</param>
    /// <param name="base">At least one byte.</param>
    public void Encode(IBaseReader target, IBaseReader @base)
    {
        var start = _parts.Save();
        _windows.Load(@base, target, 0);
        _windows.FindSteps(_steps);
        var (coding, bytes) = WriteBetter(start, target.Length, @base.Length);

        for (long offset = _windows.Target.Length; offset < target.Length; offset += _windows.Target.Length)
        {
            _windows.Load(@base, target, offset);
            _windows.FindSteps(_steps);
            WriteWindow(coding);
        }

        if (coding == DeltaCoding.Program)
            FinishProgram(start);
        else if (@base.Length + target.Length <= _effort.MaxPrefixBytes && IsText(_windows.Target))
            TryPrefixFrame(start, bytes);
    }

    /// <summary>Frees the native memory; more files can be encoded afterwards.</summary>
    public void Dispose()
    {
        _windows.Dispose();
        _prefixFrames.Dispose();
    }

    /// <summary>Encodes the first window in the coding that takes fewer bytes.</summary>
    private (DeltaCoding Coding, long Bytes) WriteBetter(DeltaParts.State start, long targetBytes, long baseBytes)
    {
        // The first window of a very large file says little about the rest, and trying both codings takes time.
        if (baseBytes > WindowPair.MaxBaseBytes || IsProgram(_windows.Target))
            return (DeltaCoding.Program, WriteFirst(DeltaCoding.Program, start, baseBytes));
        var bytes = WriteFirst(DeltaCoding.Steps, start, baseBytes);
        if (bytes <= _effort.MinProgramBytes)
            return (DeltaCoding.Steps, bytes);
        _parts.Restore(start);
        var programBytes = WriteFirst(DeltaCoding.Program, start, baseBytes);
        if (programBytes + (targetBytes >> ProgramCostShift) < bytes)
            return (DeltaCoding.Program, programBytes);
        _parts.Restore(start);
        return (DeltaCoding.Steps, WriteFirst(DeltaCoding.Steps, start, baseBytes));
    }

    /// <summary>Begins a file and encodes its first window.</summary>
    /// <returns>The bytes it takes, without inserts.</returns>
    private long WriteFirst(DeltaCoding coding, DeltaParts.State start, long baseBytes)
    {
        WriteCoding(coding);
        _writer.Begin();
        if (coding == DeltaCoding.Program)
            _program.Reset(baseBytes);
        WriteWindow(coding);
        return _parts.CodedBytesSince(start);
    }

    private void WriteCoding(DeltaCoding coding)
    {
        var coder = _parts.Coder;
        _parts.Models.Coding(ref coder, coding);
    }

    private void WriteWindow(DeltaCoding coding) =>
        _writer.Write(CollectionsMarshal.AsSpan(_steps), coding == DeltaCoding.Program ? _program : null);

    private void FinishProgram(DeltaParts.State start)
    {
        var coder = _parts.Coder;
        _parts.ProgramEncoder.Finish();
        _parts.Models.FrameBytes(ref coder, _parts.Frames.Position - start.Frames);
        _parts.Models.DifferentBytes(ref coder, _program.DifferentBytes);
    }

    private void TryPrefixFrame(DeltaParts.State start, long stepBytes)
    {
        var frame = _prefixFrames.TryEncode(start, stepBytes);
        if (frame.IsEmpty)
            return;
        _parts.Restore(start);
        WriteCoding(DeltaCoding.PrefixFrame);
        var coder = _parts.Coder;
        _parts.Models.FrameBytes(ref coder, frame.Length);
        _parts.Frames.Write(frame);
    }

    /// <summary>True for an ELF program for x86-64, for which the coding of programs is the smaller one.</summary>
    private static bool IsProgram(ReadOnlySpan<byte> bytes) =>
        bytes.Length > 20 && bytes.StartsWith("\u007fELF"u8) && bytes[18] == X86;

    /// <summary>
    /// True for files that look like text; for programs a prefix frame is never smaller than the steps.
    /// </summary>
    private static bool IsText(ReadOnlySpan<byte> bytes) => !bytes[..Math.Min(bytes.Length, 4096)].Contains((byte)0);
}
