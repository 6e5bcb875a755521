namespace ChunkOta.Chunking;

/// <summary>Differences of a program, coded for its file alone among the frames.</summary>
/// <remarks>
/// What is read depends on the base's bytes. A wrong base therefore fails this file only: the failure goes to the
/// file's output, and nothing more is read.
/// </remarks>
internal sealed class ProgramDifferenceSource(IBaseReader delta, long framesEnd) : IDifferenceSource
{
    private ProgramModels? _models;
    private BitDecoder? _bits;
    private DeltaOutput _output = new();

    /// <summary>Begins a file.</summary>
    /// <param name="file">Its differences begin at its frame offset; their length is not known yet.</param>
    /// <param name="output">Receives the file and its first failure.</param>
    public void Begin(CodedFile file, DeltaOutput output)
    {
        _output = output;
        if (!output.IsOpen)
            return;
        _bits = new BitDecoder(new StoredReader(delta, file.FrameOffset, framesEnd - file.FrameOffset));
        _models ??= new ProgramModels();
        _models.Reset(file.BaseBytes);
    }

    /// <inheritdoc/>
    public void BeginSection(ReadOnlySpan<CopyStep> section, long targetStart)
    {
        if (!_output.IsOpen)
            return;
        try
        {
            var coder = new BitDecoder.Coder(_bits!);
            _models!.BeginSection(ref coder, section, targetStart);
        }
        catch (DeltaBadException failure)
        {
            _output.Fail(failure);
        }
    }

    /// <inheritdoc/>
    public void Apply(Span<byte> block, CopyBlock at)
    {
        if (!_output.IsOpen)
            return;
        try
        {
            var coder = new BitDecoder.Coder(_bits!);
            _models!.Read(ref coder, block, at);
        }
        catch (DeltaBadException failure)
        {
            _output.Fail(failure);
        }
    }
}
