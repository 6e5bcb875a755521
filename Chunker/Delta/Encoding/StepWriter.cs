namespace ChunkOta.Chunking;

/// <summary>Encodes the steps of a window, section by section, and collects the bytes they insert.</summary>
internal sealed class StepWriter(WindowPair windows, DeltaParts parts, CancellationToken cancellationToken)
{
    private readonly byte[] _block = new byte[ProgramModels.BlockBytes];
    private long _baseEnd;

    /// <summary>Begins a file.</summary>
    public void Begin() => _baseEnd = 0;

    /// <summary>Encodes the steps of the target's window.</summary>
    /// <param name="steps">All of them.</param>
    /// <param name="program">The models of a program's differences; null to code them as words in the coded
    /// part.</param>
    public void Write(ReadOnlySpan<CopyStep> steps, ProgramModels? program)
    {
        var coder = parts.Coder;
        var models = parts.Models;
        var start = 0;
        while (!steps.IsEmpty)
        {
            var section = steps[..Math.Min(StepModels.MaxSectionSteps, steps.Length)];
            steps = steps[section.Length..];
            models.StepCount(ref coder, section.Length);
            foreach (var step in section)
            {
                models.Step(ref coder, step, _baseEnd);
                if (step.CopyBytes > 0)
                    _baseEnd = step.BaseOffset + step.CopyBytes;
            }

            if (program is not null)
            {
                Measure(section, start, program);
                WriteProgram(section, start, program);
            }
            else
            {
                WriteWords(section, start);
            }

            start = WriteInserts(section, start);
        }
    }

    private void WriteWords(ReadOnlySpan<CopyStep> section, int start)
    {
        var coder = parts.Coder;
        var models = parts.Models;
        long gap = 0;
        foreach (var step in section)
        {
            for (var done = 0; done < step.CopyBytes;)
            {
                var old = Old(step, done);
                var made = windows.Target.Slice(start + done, old.Length);
                for (var index = 0; index < made.Length;)
                {
                    var same = made[index..].CommonPrefixLength(old[index..]);
                    gap += same;
                    index += same;
                    if (index == made.Length)
                        break;
                    var width = Math.Min(DifferenceWord.Bytes, made.Length - index);
                    models.Gap(ref coder, gap);
                    models.Difference(
                        ref coder, DifferenceWord.Of(made.Slice(index, width), old.Slice(index, width)));
                    gap = 0;
                    index += width;
                }

                done += made.Length;
            }

            start += (int)(step.CopyBytes + step.InsertBytes);
        }

        models.Gap(ref coder, gap);
    }

    /// <summary>Shows the models all blocks of a section, so that they know the gaps before they code them.</summary>
    private void Measure(ReadOnlySpan<CopyStep> section, int start, ProgramModels program)
    {
        foreach (var step in section)
        {
            for (var done = 0; done < step.CopyBytes;)
            {
                var old = Old(step, done);
                program.Measure(old, windows.Target.Slice(start + done, old.Length), Block(step, start, done));
                done += old.Length;
            }

            start += (int)(step.CopyBytes + step.InsertBytes);
        }
    }

    private void WriteProgram(ReadOnlySpan<CopyStep> section, int start, ProgramModels program)
    {
        var coder = parts.ProgramCoder;
        program.BeginSection(ref coder, section, windows.TargetStart + start);
        foreach (var step in section)
        {
            for (var done = 0; done < step.CopyBytes;)
            {
                var old = Old(step, done);
                var made = windows.Target.Slice(start + done, old.Length);
                var block = _block.AsSpan(0, old.Length);
                old.CopyTo(block);
                program.Write(ref coder, block, made, Block(step, start, done));
                done += made.Length;
            }

            start += (int)(step.CopyBytes + step.InsertBytes);
        }
    }

    private int WriteInserts(ReadOnlySpan<CopyStep> section, int start)
    {
        foreach (var step in section)
        {
            start += (int)step.CopyBytes;
            parts.Inserts.Write(windows.Target.Slice(start, (int)step.InsertBytes));
            start += (int)step.InsertBytes;
        }

        return start;
    }

    private CopyBlock Block(CopyStep step, int start, int done) =>
        new(step.BaseOffset + done, windows.TargetStart + start - step.BaseOffset, IsFirst: done == 0);

    /// <summary>
    /// The base's bytes of the next block of a copy; the decoder divides copies into the same blocks.
    /// </summary>
    private ReadOnlySpan<byte> Old(CopyStep step, int done)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return windows.BaseAt(step.BaseOffset + done, (int)Math.Min(ProgramModels.BlockBytes, step.CopyBytes - done));
    }
}
