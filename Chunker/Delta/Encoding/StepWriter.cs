namespace ChunkOta.Chunking;

/// <summary>Codes the steps of a window, section by section, and gathers what they insert.</summary>
internal sealed class StepWriter(
    WindowPair windows, BitEncoder encoder, StepModels models, Stream inserts, CancellationToken cancellationToken)
{
    private readonly byte[] _block = new byte[ProgramModels.BlockBytes];
    private readonly BitEncoder.Coder _coder = new(encoder);
    private long _baseEnd;

    /// <summary>Begins a file.</summary>
    public void Begin() => _baseEnd = 0;

    /// <summary>Codes the steps that make the window of the target.</summary>
    /// <param name="steps">All of them.</param>
    /// <param name="program">What codes the differences of a program, and where to; null to code them as words among those
    /// of all files.</param>
    public void Write(ReadOnlySpan<CopyStep> steps, (ProgramModels Models, BitEncoder Encoder)? program)
    {
        var coder = _coder;
        var targetAt = 0;
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

            if (program is { } own)
                WriteProgram(section, targetAt, own.Models, new BitEncoder.Coder(own.Encoder));
            else
                WriteWords(section, targetAt);
            targetAt = WriteInserts(section, targetAt);
        }
    }

    private void WriteWords(ReadOnlySpan<CopyStep> section, int targetAt)
    {
        var coder = _coder;
        long gap = 0;
        foreach (var step in section)
        {
            for (var done = 0; done < step.CopyBytes;)
            {
                var old = Old(step, done);
                var made = windows.Target.Slice(targetAt + done, old.Length);
                for (var at = 0; at < made.Length;)
                {
                    var same = made[at..].CommonPrefixLength(old[at..]);
                    gap += same;
                    at += same;
                    if (at == made.Length)
                        break;
                    var width = Math.Min(DifferenceWord.Bytes, made.Length - at);
                    models.Gap(ref coder, gap);
                    models.Difference(ref coder, DifferenceWord.Of(made.Slice(at, width), old.Slice(at, width)));
                    gap = 0;
                    at += width;
                }

                done += made.Length;
            }

            targetAt += (int)(step.CopyBytes + step.InsertBytes);
        }

        models.Gap(ref coder, gap);
    }

    private void WriteProgram(ReadOnlySpan<CopyStep> section, int targetAt, ProgramModels program, BitEncoder.Coder coder)
    {
        var at = targetAt;
        foreach (var step in section)
        {
            for (var done = 0; done < step.CopyBytes;)
            {
                var old = Old(step, done);
                var made = windows.Target.Slice(at + done, old.Length);
                program.Measure(old, made, done == 0, step.BaseOffset + done);
                done += made.Length;
            }

            at += (int)(step.CopyBytes + step.InsertBytes);
        }

        at = targetAt;
        program.BeginSection(ref coder, section, windows.TargetStart + targetAt);
        foreach (var step in section)
        {
            for (var done = 0; done < step.CopyBytes;)
            {
                var old = Old(step, done);
                var made = windows.Target.Slice(at + done, old.Length);
                var block = _block.AsSpan(0, old.Length);
                old.CopyTo(block);
                program.Code(ref coder, block, made, done == 0, step.BaseOffset + done, windows.TargetStart + at - step.BaseOffset);
                done += made.Length;
            }

            at += (int)(step.CopyBytes + step.InsertBytes);
        }
    }

    private int WriteInserts(ReadOnlySpan<CopyStep> section, int targetAt)
    {
        foreach (var step in section)
        {
            targetAt += (int)step.CopyBytes;
            inserts.Write(windows.Target.Slice(targetAt, (int)step.InsertBytes));
            targetAt += (int)step.InsertBytes;
        }

        return targetAt;
    }

    /// <summary>The base's bytes of the next block of a copy: encoder and decoder take the same ones.</summary>
    private ReadOnlySpan<byte> Old(CopyStep step, int done)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return windows.BaseAt(step.BaseOffset + done, (int)Math.Min(ProgramModels.BlockBytes, step.CopyBytes - done));
    }
}
