using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Makes the files that a delta gives: fetches the delta and passes over it once.</summary>
/// <remarks>A delta is never needed. What it does not make, or not rightly, is left to be put together from
/// chunks.</remarks>
/// <param name="home">The product's place.</param>
/// <param name="source">Where the delta is asked for.</param>
/// <param name="clock">Paces.</param>
/// <param name="progress">Told where the work is.</param>
internal sealed class DeltaBuild(
    ProductHome home, IReleaseSource source, TimeProvider clock, IProgress<UpdateProgress>? progress)
{
    private readonly DeltaFiles _files = new(home);

    /// <summary>Bytes of the delta that were fetched.</summary>
    public long FetchedBytes { get; private set; }

    /// <summary>Files that were made.</summary>
    public int MadeFiles { get; private set; }

    /// <summary>Why not all of them were; null when they were.</summary>
    public string? FailureCode { get; private set; }

    /// <summary>Fetches the delta and makes the files, and those that are copies of them.</summary>
    /// <param name="update">What was prepared; it takes a delta.</param>
    /// <param name="delta">Which.</param>
    /// <param name="assembler">Makes files.</param>
    /// <returns>The entries that were not made, ascending.</returns>
    /// <exception cref="ChunkOtaException">The server cannot be asked any more, or the disk failed.</exception>
    public async Task<IReadOnlyList<int>> RunAsync(
        PreparedUpdate update, ChosenDelta delta, Assembler assembler, CancellationToken cancellationToken)
    {
        var isMade = new bool[update.Choices.Length];
        try
        {
            using var file = _files.Open(delta.Delta);
            await FetchAsync(update, delta, file, cancellationToken).ConfigureAwait(false);
            Decode(update, delta, file, assembler, isMade, cancellationToken);
        }
        catch (ChunkOtaException e) when (IsOfTheDelta(e))
        {
            FailureCode = e.Code;
        }
        _files.Clear();
        var left = new List<int>();
        for (var i = 0; i < isMade.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var choice = update.Choices[i];
            var isLeft = choice.Action == FileAction.Delta
                ? !isMade[i]
                : choice.IsCopyOfMade && !assembler.TryCopyMade(update.Target.Entries[i], update.Target.Entries[choice.Source.Entry].Path);
            if (isLeft)
                left.Add(i);
        }
        return left;
    }

    /// <summary>Whether a failure says that the delta is of no use, and nothing of the connection or the disk.</summary>
    private static bool IsOfTheDelta(ChunkOtaException failure) => failure.Code
        is ErrorCodes.DeltaUnknown or ErrorCodes.DeltaBad or ErrorCodes.ReleaseUnknown or ErrorCodes.TooLarge
        or ErrorCodes.StoreUnavailable or ErrorCodes.ObjectDamaged or ErrorCodes.Internal or ErrorCodes.Usage
        or ErrorCodes.NotAllowed or ErrorCodes.Busy or ErrorCodes.TooSlow;

    private async Task FetchAsync(
        PreparedUpdate update, ChosenDelta delta, DurableFile file, CancellationToken cancellationToken)
    {
        var fetch = new DeltaFetch(source, update.Target.Digest, delta.Delta, file, clock)
        {
            Progressed = bytes => progress?.Report(new UpdateProgress("fetch", bytes, delta.Delta.Bytes)),
        };
        try
        {
            await fetch.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            FetchedBytes = fetch.FetchedBytes;
        }
    }

    private void Decode(
        PreparedUpdate update,
        ChosenDelta delta,
        DurableFile file,
        Assembler assembler,
        bool[] isMade,
        CancellationToken cancellationToken)
    {
        if (update.Sources.FindRelease(delta.From) is not { } held)
            throw new DeltaBadException("the release it builds on is not here any more");
        var sizes = new DeltaSizes(held.Contents.FileSizes(), update.Target.FileSizes());
        using var decoder = new DeltaDecoder(new FileReader(file), delta.From, update.Target.Digest, sizes);
        var wanted = update.Choices.Count(choice => choice.Action == FileAction.Delta);
        while (wanted > 0 && decoder.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = decoder.Current;
            if (update.Choices[(int)step.Entry].Action != FileAction.Delta)
                continue;
            var basis = step.BaseEntry is { } entry && update.Sources.TryOpen(held.Tree, held.Contents.Entries[(int)entry].Path) is { } old
                ? new FileReader(old)
                : null;
            wanted--;
            isMade[step.Entry] = TryMake(update, decoder, basis, assembler);
            MadeFiles += isMade[step.Entry] ? 1 : 0;
        }
    }

    private bool TryMake(PreparedUpdate update, DeltaDecoder decoder, FileReader? basis, Assembler assembler)
    {
        try
        {
            var entry = update.Target.Entries[(int)decoder.Current.Entry];
            return assembler.TryMake(entry, sink => decoder.WriteTo(basis, sink)) || Fail();
        }
        catch (DeltaBadException)
        {
            // Of this file alone: its base is damaged, or its part of the delta is.
            return Fail();
        }
    }

    private bool Fail()
    {
        FailureCode = ErrorCodes.DeltaBad;
        return false;
    }
}
