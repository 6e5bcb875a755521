namespace ChunkOta.Storage;

/// <summary>The progress of copying the objects of a catalogue from one store to another.</summary>
public sealed record ObjectFigures
{
    /// <summary>Objects that the catalogue needs and the destination has.</summary>
    public long Objects { get; init; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>The objects among them that this run copied.</summary>
    public long Copied { get; init; }

    /// <summary>The bytes that it copied.</summary>
    public long CopiedBytes { get; init; }

    /// <summary>Objects that the catalogue knows as lost and that are not in the destination either.</summary>
    public IReadOnlyList<ObjectFinding> Lost { get; init; } = [];

    /// <summary>Deltas that the source lost: the server builds them again.</summary>
    public long LostDeltas { get; init; }

    /// <summary>Objects that the source lost without the catalogue's knowing.</summary>
    public IReadOnlyList<ObjectFinding> Damaged { get; init; } = [];
}
