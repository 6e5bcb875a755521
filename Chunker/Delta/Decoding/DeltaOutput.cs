using System.Runtime.ExceptionServices;

namespace ChunkOta.Chunking;

/// <summary>The base and the sink of one file. After the first failure it reads and writes nothing more.</summary>
/// <remarks>Decoding goes on after a failure: the files that follow need the statistics of this one.</remarks>
internal sealed class DeltaOutput
{
    private readonly IBaseReader? _base;
    private readonly DeltaSink? _sink;

    /// <summary>Makes the output of a file that is skipped: never open.</summary>
    public DeltaOutput()
    {
    }

    /// <summary>Makes the output of a file that is written.</summary>
    public DeltaOutput(IBaseReader? @base, DeltaSink sink) => (_base, _sink) = (@base, sink);

    /// <summary>The first failure of base, sink or differences.</summary>
    public ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>True until the first failure, unless the file is skipped.</summary>
    public bool IsOpen => _sink is not null && Failure is null;

    /// <summary>Records a failure, if it is the first.</summary>
    public void Fail(Exception failure) => Failure ??= ExceptionDispatchInfo.Capture(failure);

    /// <summary>Fills <paramref name="destination"/> with bytes of the base, if open.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        if (!IsOpen)
            return;
        try
        {
            _base!.Read(offset, destination);
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }

    /// <summary>Hands bytes to the sink, if open.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (!IsOpen || bytes.IsEmpty)
            return;
        try
        {
            _sink!(bytes);
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }
}
