using System.Globalization;
using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>What is known of a changed file before its cause is told.</summary>
public sealed record ChangeFacts
{
    /// <summary>Bytes of the new file.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes of the file that it is made from.</summary>
    public required long BaseSize { get; init; }

    /// <summary>The way the delta makes it; null where there is no delta.</summary>
    public required DeltaFileFigures? Facts { get; init; }

    /// <summary>Chunks of the new file.</summary>
    public required int Chunks { get; init; }

    /// <summary>Of these, those that the base has, too.</summary>
    public required int SameChunks { get; init; }

    /// <summary>Of the same ones, those that stand at another offset.</summary>
    public required int MovedChunks { get; init; }

    /// <summary>The kind of compressed file that it is, such as <c>zip</c>; null for none.</summary>
    public required string? Compression { get; init; }
}

/// <summary>Why a file costs what it costs: the cause, the figures that decided it, and what can be done. Pure.</summary>
/// <param name="Cause">The cause.</param>
/// <param name="Evidence">The figures, for people.</param>
/// <param name="Hint">For the publisher; may be empty.</param>
public sealed record ChangeEvidence(ChangeCause Cause, string Evidence, string Hint)
{
    /// <summary>So few bytes are a build time, an identifier or a checksum.</summary>
    private const long FewBytes = 64;

    /// <summary>From so many changed bytes in a thousand on, spread over the file, it was built anew.</summary>
    private const double RebuiltPerMille = 2;

    /// <summary>There is nothing to make it from.</summary>
    public static ChangeEvidence New { get; } =
        new(ChangeCause.New, "no file of the old release has its path, its chunks or a name like it", "");

    /// <summary>Tells the cause.</summary>
    public static ChangeEvidence Of(ChangeFacts change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return change switch
        {
            { Compression: { } kind } when NewPart(change) > 0.5 => Recompressed(change, kind),
            { Facts: { Coding: not DeltaCoding.PrefixFrame } facts } => OfSteps(change, facts),
            { Facts: { } frame } => OfFrame(change, frame),
            _ => OfChunks(change),
        };
    }

    private static ChangeEvidence OfSteps(ChangeFacts change, DeltaFileFigures facts)
    {
        var changed = facts.DifferentBytes + facts.InsertedBytes;
        var figures = Text(
            $"{facts.CopiedBytes:N0} of {change.Size:N0} bytes come from the base in {facts.Steps:N0} pieces, {facts.MovedSteps:N0} of them moved; {facts.DifferentBytes:N0} differ, {facts.InsertedBytes:N0} are new");
        if (changed <= FewBytes && facts.MovedSteps == 0 && change.Size == change.BaseSize) return Timestamp(figures);
        if (facts.CopiedBytes > change.Size / 2 && facts.DifferentBytes * 1000.0 / change.Size >= RebuiltPerMille)
            return Rebuilt(figures);
        return facts.MovedSteps > 0 || (facts.InsertedBytes > 0 && change.Size != change.BaseSize && facts.CopiedBytes > 0)
            ? new ChangeEvidence(ChangeCause.Shifted, figures, "")
            : new ChangeEvidence(ChangeCause.Edited, figures, "");
    }

    /// <summary>A frame does not say what it copies: its length is all there is.</summary>
    private static ChangeEvidence OfFrame(ChangeFacts change, DeltaFileFigures frame)
    {
        var figures = Text($"{frame.ObjectBytes:N0} bytes, compressed with the base at hand, make {change.Size:N0}");
        return frame.ObjectBytes <= FewBytes && change.Size == change.BaseSize
            ? Timestamp(figures)
            : new ChangeEvidence(ChangeCause.Edited, figures, "");
    }

    private static ChangeEvidence OfChunks(ChangeFacts change)
    {
        var figures = Text(
            $"{change.SameChunks:N0} of {change.Chunks:N0} chunks are the same, {change.MovedChunks:N0} of them moved (there is no delta to look into)");
        if (change.MovedChunks > 0) return new ChangeEvidence(ChangeCause.Shifted, figures, "");
        return change.Chunks > 4 && change.SameChunks * 10 < change.Chunks
            ? Rebuilt(figures)
            : new ChangeEvidence(ChangeCause.Edited, figures, "");
    }

    private static ChangeEvidence Recompressed(ChangeFacts change, string kind) => new(
        ChangeCause.Recompressed,
        Text($"{kind} data, {NewPart(change):P0} of it unlike the base"),
        $"ship what is in the {kind} file unpacked, or packed without compression: then only what changed travels");

    private static ChangeEvidence Timestamp(string figures) => new(
        ChangeCause.Timestamp, figures,
        "if that is a build time or a random identifier, make it constant (SOURCE_DATE_EPOCH, deterministic builds): the file then costs nothing");

    private static ChangeEvidence Rebuilt(string figures) => new(
        ChangeCause.Rebuilt, figures,
        "addresses or orders that change all over: the same toolchain, paths and options for each build keep them");

    /// <summary>The part of the file that is not taken from the base as it was.</summary>
    private static double NewPart(ChangeFacts change) => change.Facts switch
    {
        { Coding: DeltaCoding.PrefixFrame } frame => (double)frame.ObjectBytes / change.Size,
        { } steps => (double)(steps.InsertedBytes + steps.DifferentBytes) / change.Size,
        null => change.Chunks == 0 ? 1 : 1 - ((double)change.SameChunks / change.Chunks),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
