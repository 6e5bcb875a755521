using ChunkOta.Chunking;

namespace ChunkOta.Tests.Chunker.Delta;

/// <summary>
/// Deltas that no encoder writes: arbitrary numbers in valid streams.
/// </summary>
internal sealed class CraftedDelta : IDisposable
{
    private readonly MemoryStream _coded = new();
    private readonly MemoryStream _frames = new();
    private readonly StepModels _models = new();
    private readonly BitEncoder _encoder;
    private readonly BitEncoder.Coder _coder;
    private int _files;

    public CraftedDelta()
    {
        _encoder = new BitEncoder(_coded);
        _coder = new BitEncoder.Coder(_encoder);
    }

    public Digest From { get; set; } = DeltaPair.From;

    public uint Version { get; set; } = 1;

    public int? Files { get; set; }

    public long? CodedBytes { get; set; }

    public long? FrameBytes { get; set; }

    public long? InsertBytes { get; set; }

    /// <summary>The frame of inserts, and what it expands to.</summary>
    public byte[] Inserts { get; set; } = [];

    public long PlainInsertBytes { get; set; }

    public CraftedDelta File(long entryGap = 0, long baseCode = 1, DeltaCoding coding = DeltaCoding.Steps)
    {
        var coder = _coder;
        _models.EntryGap(ref coder, entryGap);
        _models.Base(ref coder, baseCode);
        _models.Coding(ref coder, coding);
        _files++;
        return this;
    }

    public CraftedDelta Count(long steps)
    {
        var coder = _coder;
        _models.StepCount(ref coder, steps);
        return this;
    }

    /// <summary>A step whose offset counts from the start of the base, where it is the first one.</summary>
    public CraftedDelta Step(long baseOffset, long copyBytes, long insertBytes)
    {
        var coder = _coder;
        _models.Step(ref coder, new CopyStep(baseOffset, copyBytes, insertBytes), 0);
        return this;
    }

    public CraftedDelta Gap(long gap)
    {
        var coder = _coder;
        _models.Gap(ref coder, gap);
        return this;
    }

    public CraftedDelta Difference(uint difference)
    {
        var coder = _coder;
        _models.Difference(ref coder, difference);
        return this;
    }

    public CraftedDelta Frame(byte[] frame, long? claimed = null)
    {
        var coder = _coder;
        _models.FrameBytes(ref coder, claimed ?? frame.Length);
        _frames.Write(frame);
        return this;
    }

    public CraftedDelta Different(long bytes)
    {
        var coder = _coder;
        _models.DifferentBytes(ref coder, bytes);
        return this;
    }

    public void Dispose()
    {
        _coded.Dispose();
        _frames.Dispose();
    }

    public byte[] Build()
    {
        _encoder.Finish();
        var header = new byte[DeltaHeader.Length];
        new DeltaHeader(
            From,
            DeltaPair.To,
            Files ?? _files,
            CodedBytes ?? _coded.Length,
            FrameBytes ?? _frames.Length,
            InsertBytes ?? PlainInsertBytes).Write(header);
        BitConverter.TryWriteBytes(header.AsSpan(4), Version);
        return [.. header, .. _coded.ToArray(), .. _frames.ToArray(), .. Inserts];
    }
}
