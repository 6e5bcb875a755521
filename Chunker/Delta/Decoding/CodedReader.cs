namespace ChunkOta.Chunking;

/// <summary>Reads the numbers of the coded part of a delta, in the order in which the encoder wrote them.</summary>
/// <remarks>Values are unchecked: any bytes decode to some numbers, and the callers set the bounds.</remarks>
/// <param name="part">The coded part.</param>
internal sealed class CodedReader(StoredReader part)
{
    private readonly BitDecoder _bits = new(part);
    private readonly StepModels _models = new();

    /// <summary>Bytes read so far.</summary>
    public long Position => _bits.Position;

    /// <inheritdoc cref="StepModels.EntryGap"/>
    public long ReadEntryGap()
    {
        var coder = Coder;
        return _models.EntryGap(ref coder, default);
    }

    /// <inheritdoc cref="StepModels.Base"/>
    public long ReadBase()
    {
        var coder = Coder;
        return _models.Base(ref coder, default);
    }

    /// <inheritdoc cref="StepModels.Coding"/>
    public DeltaCoding ReadCoding()
    {
        var coder = Coder;
        return _models.Coding(ref coder, default);
    }

    /// <inheritdoc cref="StepModels.FrameBytes"/>
    public long ReadFrameBytes()
    {
        var coder = Coder;
        return _models.FrameBytes(ref coder, default);
    }

    /// <inheritdoc cref="StepModels.DifferentBytes"/>
    public long ReadDifferentBytes()
    {
        var coder = Coder;
        return _models.DifferentBytes(ref coder, default);
    }

    /// <inheritdoc cref="StepModels.StepCount"/>
    public long ReadStepCount()
    {
        var coder = Coder;
        return _models.StepCount(ref coder, default);
    }

    /// <inheritdoc cref="StepModels.Step"/>
    public CopyStep ReadStep(long baseEnd)
    {
        var coder = Coder;
        return _models.Step(ref coder, default, baseEnd);
    }

    /// <inheritdoc cref="StepModels.Gap"/>
    public long ReadGap()
    {
        var coder = Coder;
        return _models.Gap(ref coder, default);
    }

    /// <inheritdoc cref="StepModels.Difference"/>
    public uint ReadDifference()
    {
        var coder = Coder;
        return _models.Difference(ref coder, default);
    }

    private BitDecoder.Coder Coder => new(_bits);
}
