using System.Runtime.ExceptionServices;

namespace ChunkOta.Chunking;

/// <summary>Where bytes come from and go to. After the first failure nothing is read or written, but the steps go on.</summary>
internal sealed class DeltaOutput(IBaseReader? @base, DeltaSink sink)
{
    public ExceptionDispatchInfo? Failure { get; private set; }

    public void Fail(Exception failure) => Failure ??= ExceptionDispatchInfo.Capture(failure);

    public void Read(long offset, Span<byte> destination)
    {
        if (Failure is not null)
            return;
        try
        {
            @base!.Read(offset, destination);
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (Failure is not null || bytes.IsEmpty)
            return;
        try
        {
            sink(bytes);
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }
}
