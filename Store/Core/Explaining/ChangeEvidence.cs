using System.Globalization;
using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The figures of one changed file.</summary>
internal sealed record ChangeFigures
{
    /// <summary>Bytes of the new file.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes of its base.</summary>
    public required long BaseSize { get; init; }

    /// <summary>The figures of the delta that makes it; null without a delta.</summary>
    public DeltaFileFigures? Delta { get; init; }

    /// <summary>Chunks of the new file.</summary>
    public required int Chunks { get; init; }

    /// <summary>Of these, those that the base has as well.</summary>
    public required int SameChunks { get; init; }

    /// <summary>Of the same chunks, those at another offset.</summary>
    public required int MovedChunks { get; init; }

    /// <summary>The kind of a compressed file, such as <c>zip</c>; null for any other file.</summary>
    public string? Compression { get; init; }
}

/// <summary>The cause of a file's cost, the figures that decided it, and a hint for the publisher. Pure.</summary>
/// <param name="Cause">The cause.</param>
/// <param name="Evidence">The figures, for people.</param>
/// <param name="Hint">The hint; empty when there is nothing to do.</param>
internal sealed record ChangeEvidence(ChangeCause Cause, string Evidence, string Hint)
{
    /// <summary>The most changed bytes that are a build time, an identifier or a checksum.</summary>
    private const long FewBytes = 64;

    /// <summary>Changed bytes in a thousand from which a file was rebuilt.</summary>
    private const double RebuiltPerMille = 2;

    /// <summary>A file without a base.</summary>
    public static ChangeEvidence New { get; } =
        new(ChangeCause.New, "no file of the old release has its path, its chunks or a name like it", "");

    /// <summary>Finds the cause.</summary>
    public static ChangeEvidence Of(ChangeFigures change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return change switch
        {
            { Compression: { } kind } when NewPart(change) > 0.5 => Recompressed(change, kind),
            { Delta: { Coding: not DeltaCoding.PrefixFrame } steps } => OfSteps(change, steps),
            { Delta: { } frame } => OfFrame(change, frame),
            _ => OfChunks(change),
        };
    }

    private static ChangeEvidence OfSteps(ChangeFigures change, DeltaFileFigures steps)
    {
        var changed = steps.DifferentBytes + steps.InsertedBytes;
        var figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{steps.CopiedBytes:N0} of {change.Size:N0} bytes come from the base in {steps.Steps:N0} pieces, "
            + $"{steps.MovedSteps:N0} of them moved; {steps.DifferentBytes:N0} differ, "
            + $"{steps.InsertedBytes:N0} are new");
        if (changed <= FewBytes && steps.MovedSteps == 0 && change.Size == change.BaseSize) return Timestamp(figures);
        if (steps.CopiedBytes > change.Size / 2 && steps.DifferentBytes * 1000.0 / change.Size >= RebuiltPerMille)
            return Rebuilt(figures);
        var isLonger = steps.InsertedBytes > 0 && change.Size != change.BaseSize && steps.CopiedBytes > 0;
        return steps.MovedSteps > 0 || isLonger
            ? new ChangeEvidence(ChangeCause.Shifted, figures, "")
            : new ChangeEvidence(ChangeCause.Edited, figures, "");
    }

    /// <summary>A frame does not say what it copies: its length is all there is.</summary>
    private static ChangeEvidence OfFrame(ChangeFigures change, DeltaFileFigures frame)
    {
        var figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{frame.ObjectBytes:N0} bytes, compressed with the base at hand, make {change.Size:N0}");
        return frame.ObjectBytes <= FewBytes && change.Size == change.BaseSize
            ? Timestamp(figures)
            : new ChangeEvidence(ChangeCause.Edited, figures, "");
    }

    private static ChangeEvidence OfChunks(ChangeFigures change)
    {
        var figures = string.Create(
            CultureInfo.InvariantCulture,
            $"{change.SameChunks:N0} of {change.Chunks:N0} chunks are the same, "
            + $"{change.MovedChunks:N0} of them moved (there is no delta to inspect)");
        if (change.MovedChunks > 0) return new ChangeEvidence(ChangeCause.Shifted, figures, "");
        return change.Chunks > 4 && change.SameChunks * 10 < change.Chunks
            ? Rebuilt(figures)
            : new ChangeEvidence(ChangeCause.Edited, figures, "");
    }

    private static ChangeEvidence Recompressed(ChangeFigures change, string kind) => new(
        ChangeCause.Recompressed,
        string.Create(CultureInfo.InvariantCulture, $"{kind} data, {NewPart(change):P0} of it unlike the base"),
        $"ship what is in the {kind} file unpacked, or packed without compression: then only what changed travels");

    private static ChangeEvidence Timestamp(string figures) => new(
        ChangeCause.Timestamp, figures,
        "if that is a build time or a random identifier, make it constant (SOURCE_DATE_EPOCH, deterministic builds): "
        + "the file then costs nothing");

    private static ChangeEvidence Rebuilt(string figures) => new(
        ChangeCause.Rebuilt, figures,
        "addresses or orders that change all over: the same toolchain, paths and options for each build keep them");

    /// <summary>The part of the file that is not taken from the base as it was.</summary>
    private static double NewPart(ChangeFigures change) => change.Delta switch
    {
        { Coding: DeltaCoding.PrefixFrame } frame => (double)frame.ObjectBytes / change.Size,
        { } steps => (double)(steps.InsertedBytes + steps.DifferentBytes) / change.Size,
        null => change.Chunks == 0 ? 1 : 1 - ((double)change.SameChunks / change.Chunks),
    };
}
