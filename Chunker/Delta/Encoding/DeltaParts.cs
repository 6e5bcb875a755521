namespace ChunkOta.Chunking;

/// <summary>
/// The parts of a delta while it is made: coded part, frames and plain inserts, each in a scratch stream.
/// </summary>
internal sealed class DeltaParts : IDisposable
{
    private readonly StepModels _savedModels = new();

    /// <summary>Opens the scratch streams.</summary>
    public DeltaParts(Func<Stream> openScratch)
    {
        Coded = openScratch();
        Inserts = openScratch();
        Frames = openScratch();
        Encoder = new BitEncoder(Coded);
        ProgramEncoder = new BitEncoder(Frames);
    }

    /// <summary>The coded part; complete when <see cref="Encoder"/> is finished.</summary>
    public Stream Coded { get; }

    /// <summary>The inserts, uncompressed.</summary>
    public Stream Inserts { get; }

    /// <summary>Prefix frames and the differences of programs.</summary>
    public Stream Frames { get; }

    /// <summary>Writes to <see cref="Coded"/>.</summary>
    public BitEncoder Encoder { get; }

    /// <summary>Writes the differences of one program to <see cref="Frames"/>.</summary>
    public BitEncoder ProgramEncoder { get; }

    /// <summary>The statistics of the coded part.</summary>
    public StepModels Models { get; } = new();

    /// <summary>Codes the coded part.</summary>
    public BitEncoder.Coder Coder => new(Encoder);

    /// <summary>Codes the differences of a program.</summary>
    public BitEncoder.Coder ProgramCoder => new(ProgramEncoder);

    /// <summary>Saves the state at the start of a file, to return to it with <see cref="Restore"/>.</summary>
    public State Save()
    {
        _savedModels.CopyFrom(Models);
        return new State(Encoder.Save(), Inserts.Position, Frames.Position);
    }

    /// <summary>Forgets everything since the state was saved; only the last saved state can be restored.</summary>
    public void Restore(State state)
    {
        Encoder.Restore(state.Coded);
        ProgramEncoder.Restart();
        Models.CopyFrom(_savedModels);
        Truncate(Inserts, state.Inserts);
        Truncate(Frames, state.Frames);
    }

    /// <summary>Bytes that the coded part and the frames grew by since a state was saved.</summary>
    public long CodedBytesSince(State state) =>
        Encoder.Position - state.Coded.Position + ProgramEncoder.Position - state.Frames;

    /// <summary>Closes the scratch streams.</summary>
    public void Dispose()
    {
        Coded.Dispose();
        Inserts.Dispose();
        Frames.Dispose();
    }

    private static void Truncate(Stream stream, long length)
    {
        stream.SetLength(length);
        stream.Position = length;
    }

    /// <summary>The ends of the parts at the start of a file.</summary>
    /// <param name="Coded">State of the coded part.</param>
    /// <param name="Inserts">Length of the inserts.</param>
    /// <param name="Frames">Length of the frames.</param>
    internal readonly record struct State(BitEncoder.State Coded, long Inserts, long Frames);
}
