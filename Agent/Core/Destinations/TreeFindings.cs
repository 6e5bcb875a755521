namespace ChunkOta.Agent;

/// <summary>The comparison of an installed release with its manifest.</summary>
/// <param name="Damage">The differences, in the order of paths; empty when there are none. Files that the publisher
/// declared mutable never count.</param>
/// <param name="Extra">The paths that others have added, such as logs and caches: at most
/// <see cref="MaxExtra"/>, a directory alone for all that is in it. They block nothing.</param>
public sealed record TreeFindings(IReadOnlyList<TreeDamage> Damage, IReadOnlyList<string> Extra)
{
    /// <summary>The most extra paths that are listed.</summary>
    public const int MaxExtra = 1000;

    /// <summary>The mutable files that are gone: nothing waits for them, but a repair brings them back.</summary>
    internal IReadOnlyList<TreeDamage> Gone { get; init; } = [];

    /// <summary>Everything that a repair puts right.</summary>
    internal IEnumerable<TreeDamage> Repairable => Damage.Concat(Gone);
}
