namespace ChunkOta.Admin;

/// <summary>The last pointers of a product, platform by platform.</summary>
/// <param name="Lines">By platform; one without channels is absent.</param>
/// <param name="None">The history of a platform without channels.</param>
internal sealed record PointerHistories(IReadOnlyDictionary<string, PointerHistory> Lines, PointerHistory None)
{
    /// <summary>The last pointers of a platform.</summary>
    public PointerHistory Of(string platform) => Lines.GetValueOrDefault(platform) ?? None;
}
