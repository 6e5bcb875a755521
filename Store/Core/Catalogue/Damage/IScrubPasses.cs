using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The depth of a pass.</summary>
public enum ScrubDepth
{
    /// <summary>Every object is there with its length; trailers, recipes and manifests are read.</summary>
    Quick = 1,

    /// <summary>Every byte is read and hashed.</summary>
    Full = 2,
}

/// <summary>The passes over all objects, one of each depth at a time, whatever the number of servers.</summary>
/// <remarks>A pass belongs to one server by a lease that it renews; when the lease ends, another goes on from the last
/// saved position.</remarks>
public interface IScrubPasses
{
    /// <summary>The life of a lease after the last <see cref="SaveAsync"/>.</summary>
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    /// <summary>The pass of a depth: the one under way and the last complete one.</summary>
    ValueTask<ScrubPass> ReadAsync(ScrubDepth depth, CancellationToken cancellationToken = default);

    /// <summary>Asks for a pass that begins from now on.</summary>
    Task RequestAsync(ScrubDepth depth, CancellationToken cancellationToken = default);

    /// <summary>Begins a pass, or goes on with the one that was interrupted.</summary>
    /// <returns>Null while another holder has it.</returns>
    Task<ScrubPass?> ClaimAsync(ScrubDepth depth, Guid holder, CancellationToken cancellationToken = default);

    /// <summary>Saves the position of a pass and renews its lease.</summary>
    /// <returns>False when another holder has it by now.</returns>
    Task<bool> SaveAsync(ScrubPass pass, Guid holder, CancellationToken cancellationToken = default);

    /// <summary>Saves the position of a pass and ends its lease, so that any server goes on with it.</summary>
    Task ReleaseAsync(ScrubPass pass, Guid holder, CancellationToken cancellationToken = default);

    /// <summary>Records that a pass is complete.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="holder">Its holder.</param>
    /// <param name="catalogue">What the database found in itself; empty for nothing.</param>
    /// <returns>False when another holder has it by now.</returns>
    Task<bool> FinishAsync(
        ScrubPass pass, Guid holder, string catalogue, CancellationToken cancellationToken = default);
}

/// <summary>A pass over all objects.</summary>
public sealed record ScrubPass
{
    /// <summary>Not the interval: a server that is restarted more often would never begin.</summary>
    private static readonly TimeSpan FirstAfter = TimeSpan.FromHours(1);

    /// <summary>Its depth.</summary>
    public required ScrubDepth Depth { get; init; }

    /// <summary>When somebody asked for one that has not begun; null: nobody did.</summary>
    public DateTimeOffset? Requested { get; init; }

    /// <summary>The beginning of the pass under way; null: none is.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>The kind that is being verified.</summary>
    public ObjectKind Kind { get; init; }

    /// <summary>The last object of the kind that was verified.</summary>
    public Digest After { get; init; }

    /// <summary>Objects verified so far.</summary>
    public long Objects { get; init; }

    /// <summary>Bytes read so far.</summary>
    public long Bytes { get; init; }

    /// <summary>Objects found missing or damaged so far.</summary>
    public long Damaged { get; init; }

    /// <summary>The last complete pass; null: there was none.</summary>
    public FinishedPass? Finished { get; init; }

    /// <summary>True if a pass is to begin or to go on now.</summary>
    /// <param name="interval">The time from the end of one pass to the beginning of the next; zero: only by
    /// request.</param>
    /// <param name="serverStarted">The start of this server: a first pass begins an hour later.</param>
    /// <param name="now">The time.</param>
    public bool IsDue(TimeSpan interval, DateTimeOffset serverStarted, DateTimeOffset now) =>
        Requested is not null || Started is not null
        || (interval > TimeSpan.Zero
            && (Finished is { } last ? now - last.At >= interval : now - serverStarted >= FirstAfter));
}

/// <summary>A complete pass.</summary>
/// <param name="At">Its end.</param>
/// <param name="Objects">Objects verified.</param>
/// <param name="Bytes">Bytes read.</param>
/// <param name="Damaged">Objects found missing or damaged.</param>
/// <param name="Catalogue">What the database found in itself; empty for nothing.</param>
public sealed record FinishedPass(DateTimeOffset At, long Objects, long Bytes, long Damaged, string Catalogue);
