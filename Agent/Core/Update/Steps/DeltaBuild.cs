using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Makes the files that a delta gives: fetches the delta and reads it once.</summary>
/// <remarks>A delta is never needed. A file that it does not make, or makes wrong,
/// is put together from chunks.</remarks>
/// <param name="files">The deltas that are being downloaded.</param>
/// <param name="source">The source of the delta.</param>
/// <param name="monitor">Told the progress.</param>
internal sealed class DeltaBuild(DeltaFiles files, IReleaseSource source, RunMonitor monitor)
{
    /// <summary>Bytes of the delta that were fetched.</summary>
    public long FetchedBytes { get; private set; }

    /// <summary>Files that were made.</summary>
    public int MadeFiles { get; private set; }

    /// <summary>The code of the failure that kept the delta from making all its files;
    /// null when it made them.</summary>
    public string? FailureCode { get; private set; }

    /// <summary>Fetches the delta and makes its files and their copies; what was downloaded and made stays,
    /// however it ends.</summary>
    /// <param name="update">The prepared update.</param>
    /// <param name="delta">The delta that it uses.</param>
    /// <param name="writer">Writes the files.</param>
    /// <returns>The entries that were not made, ascending.</returns>
    /// <exception cref="ChunkOtaException">The server cannot be reached any more, or the disk failed.</exception>
    public async Task<IReadOnlyList<int>> RunAsync(
        PreparedUpdate update, ChosenDelta delta, IInstallWriter writer, CancellationToken cancellationToken)
    {
        var isMade = new bool[update.Choices.Length];
        try
        {
            using var file = files.Open(delta.Delta);
            await FetchAsync(update, delta, file, cancellationToken).ConfigureAwait(false);
            Decode(update, delta, file, writer, isMade, cancellationToken);
        }
        catch (ChunkOtaException e) when (IsOfTheDelta(e))
        {
            FailureCode = e.Code;
        }
        files.Clear();
        var left = new List<int>();
        for (var i = 0; i < isMade.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!isMade[i] && IsLeft(update, i, writer))
                left.Add(i);
        }
        return left;
    }

    /// <summary>Tells whether an entry that the delta did not make is still to be made;
    /// copies it if it is a copy.</summary>
    private static bool IsLeft(PreparedUpdate update, int index, IInstallWriter writer)
    {
        var choice = update.Choices[index];
        if (!choice.IsCopyOfMade)
            return choice.Action == FileAction.Delta;
        var entries = update.Release.Entries;
        return !writer.TryCopyWritten(entries[index], entries[choice.Source.Entry].Path);
    }

    /// <summary>Tells whether a failure means that the delta is useless,
    /// and nothing about the connection or the disk.</summary>
    private static bool IsOfTheDelta(ChunkOtaException failure) => failure.Code
        is ErrorCodes.DeltaUnknown or ErrorCodes.DeltaBad or ErrorCodes.ReleaseUnknown or ErrorCodes.TooLarge
        or ErrorCodes.StoreUnavailable or ErrorCodes.ObjectDamaged or ErrorCodes.Internal or ErrorCodes.Usage
        or ErrorCodes.NotAllowed or ErrorCodes.Busy or ErrorCodes.TooSlow;

    private async Task FetchAsync(
        PreparedUpdate update, ChosenDelta delta, DurableFile file, CancellationToken cancellationToken)
    {
        var fetch = new DeltaFetch(source, update.Release.Digest, delta.Delta, file, monitor)
        {
            Progressed = bytes => monitor.Advance(UpdateStage.Downloading, bytes, delta.Delta.Bytes),
        };
        monitor.Advance(UpdateStage.Downloading, delta.DownloadedBytes, delta.Delta.Bytes);
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
        IInstallWriter writer,
        bool[] isMade,
        CancellationToken cancellationToken)
    {
        monitor.Enter(UpdateStage.Assembling);
        if (update.Sources.FindRelease(delta.From) is not { } held)
            throw new DeltaBadException("the release it builds on is not here any more");
        var sizes = new DeltaSizes(held.Contents.FileSizes(), update.Release.FileSizes());
        using var decoder = new DeltaDecoder(new FileReader(file), delta.From, update.Release.Digest, sizes);
        var wanted = update.Choices.Count(choice => choice.Action == FileAction.Delta);
        while (wanted > 0 && decoder.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = decoder.Current;
            if (update.Choices[(int)step.Entry].Action != FileAction.Delta)
                continue;
            wanted--;
            var basis = step.BaseEntry is { } entry ? OpenBase(update, held, (int)entry) : null;
            isMade[step.Entry] = TryMake(update, decoder, basis, writer);
            MadeFiles += isMade[step.Entry] ? 1 : 0;
        }
    }

    private static FileReader? OpenBase(
        PreparedUpdate update, (int Tree, ReleaseContents Contents) held, int entry) =>
        update.Sources.TryOpen(held.Tree, held.Contents.Entries[entry].Path) is { } file ? new FileReader(file) : null;

    private bool TryMake(PreparedUpdate update, DeltaDecoder decoder, FileReader? basis, IInstallWriter writer)
    {
        try
        {
            var entry = update.Release.Entries[(int)decoder.Current.Entry];
            return writer.TryWrite(entry, sink => decoder.WriteTo(basis, sink)) || Fail();
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
