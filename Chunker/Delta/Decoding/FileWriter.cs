namespace ChunkOta.Chunking;

/// <summary>
/// Makes a file from its steps: copies blocks of the base, applies their differences, and inserts bytes.
/// </summary>
/// <remarks>Reads the same bytes of the shared streams whether the file is written or skipped.</remarks>
/// <param name="inserts">The inserts of all files; null when the delta has none.</param>
internal sealed class FileWriter(ZstdInflater? inserts)
{
    private readonly byte[] _block = new byte[ProgramModels.BlockBytes];

    /// <summary>Makes the bytes of all steps of a file.</summary>
    /// <param name="steps">Stands at the first section.</param>
    /// <param name="differences">The differences of the file's copies.</param>
    /// <param name="output">Base and sink of the file.</param>
    public void Write(StepSource steps, IDifferenceSource differences, DeltaOutput output)
    {
        long targetOffset = 0;
        while (steps.TargetBytesLeft > 0)
        {
            var section = steps.ReadSection();
            differences.BeginSection(section, targetOffset);
            foreach (var step in section)
            {
                Copy(step, targetOffset - step.BaseOffset, differences, output);
                Insert(step.InsertBytes, output);
                targetOffset += step.CopyBytes + step.InsertBytes;
            }
        }
    }

    private void Copy(CopyStep step, long shift, IDifferenceSource differences, DeltaOutput output)
    {
        for (long done = 0; done < step.CopyBytes;)
        {
            var block = _block.AsSpan(0, (int)Math.Min(_block.Length, step.CopyBytes - done));
            output.Read(step.BaseOffset + done, block);
            differences.Apply(block, new CopyBlock(step.BaseOffset + done, shift, IsFirst: done == 0));
            output.Write(block);
            done += block.Length;
        }
    }

    private void Insert(long count, DeltaOutput output)
    {
        while (count > 0)
        {
            var piece = _block.AsSpan(0, (int)Math.Min(_block.Length, count));
            inserts!.Read(piece);
            output.Write(piece);
            count -= piece.Length;
        }
    }
}
