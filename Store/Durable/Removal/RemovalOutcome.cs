namespace ChunkOta.Durable;

/// <summary>The outcome of removing a tree.</summary>
/// <param name="WasThere">False when nothing had the name.</param>
/// <param name="Left">Some of what stays, at most <see cref="MaxLeft"/> entries, in the order of the walk.</param>
/// <param name="LeftCount">The number of entries that stay because they cannot be removed now; the directories above
/// them stay as well and are not counted.</param>
public sealed record RemovalOutcome(bool WasThere, IReadOnlyList<LeftBehind> Left, long LeftCount)
{
    /// <summary>The most entries that are listed.</summary>
    public const int MaxLeft = 16;

    /// <summary>Describes in one line what is left; null when nothing is.</summary>
    public string? Describe() => LeftCount switch
    {
        0 => null,
        1 => Left[0].ToString(),
        _ => $"{Left[0]}, and {LeftCount - 1} more",
    };
}
