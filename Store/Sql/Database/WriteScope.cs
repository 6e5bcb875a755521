namespace ChunkOta.Storage.Sql;

/// <summary>The other writes that a transaction must not meet. An engine with one writer takes all as
/// <see cref="Alone"/>.</summary>
public enum WriteScope
{
    /// <summary>No other write runs meanwhile: what a rule has read is still true when it writes.</summary>
    Alone,

    /// <summary>Others of this kind run meanwhile, none that is alone: each only adds rows, or changes one that it has
    /// locked.</summary>
    Shared,

    /// <summary>Any others run meanwhile: its rows are in a table that no rule reads, and a crash of the database may
    /// lose the last second of them.</summary>
    Apart,
}
