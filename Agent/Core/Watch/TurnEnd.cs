namespace ChunkOta.Agent;

/// <summary>The way in which a product's turn ended.</summary>
internal enum TurnEndKind
{
    /// <summary>The product is checked, and up to date as far as the policy allows.</summary>
    Done,

    /// <summary>The run failed; it is tried again after a growing pause.</summary>
    Failed,

    /// <summary>Another process works on the product; that is not a failure.</summary>
    Busy,

    /// <summary>The conditions of the machine forbid a run now.</summary>
    Paused,
}

/// <summary>The end of a product's turn.</summary>
/// <param name="Kind">The way in which it ended.</param>
/// <param name="Poll">The time to the next check; null where nobody asks for one.</param>
/// <param name="Within">The longest time to the next turn, because something is due then; null for none.</param>
/// <param name="NotBefore">The shortest time to the next turn, because the server asks for it; null for none.</param>
internal readonly record struct TurnEnd(
    TurnEndKind Kind, TimeSpan? Poll = null, TimeSpan? Within = null, TimeSpan? NotBefore = null);
