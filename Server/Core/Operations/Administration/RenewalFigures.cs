namespace ChunkOta.Server.Core;

/// <summary>The time that trust roots and channel pointers have left, over all products.</summary>
/// <param name="Roots">Of the products' newest trust roots.</param>
/// <param name="Pointers">Of the channels' pointers.</param>
public readonly record struct RenewalFigures(ExpiryFigures Roots, ExpiryFigures Pointers);

/// <summary>The time that documents of one kind have left.</summary>
/// <param name="Least">The least of all, negative for one that has expired; null when there are none.</param>
/// <param name="Due">Documents that are due to be renewed or have expired.</param>
public readonly record struct ExpiryFigures(TimeSpan? Least, int Due)
{
    /// <summary>These figures with one more document.</summary>
    /// <param name="left">The time that it has left.</param>
    /// <param name="isDue">True if it is due for renewal or has expired.</param>
    public ExpiryFigures With(TimeSpan left, bool isDue) =>
        new(Least < left ? Least : left, Due + (isDue ? 1 : 0));
}
