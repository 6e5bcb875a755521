namespace ChunkOta.Admin;

/// <summary>The last pointers of a product, platform by platform.</summary>
/// <param name="Lines">By platform; one without channels is absent.</param>
/// <param name="LeastNumber">The lowest number that the server accepts.</param>
internal sealed record PointerHistories(IReadOnlyDictionary<string, PointerHistory> Lines, ulong LeastNumber)
{
    /// <summary>The last pointers of a platform.</summary>
    /// <exception cref="ChunkOtaException"><c>POINTER_INVALID</c>: the platform has no channels, and the server jumps
    /// too far for its first one.</exception>
    public PointerHistory Of(string platform) =>
        Lines.GetValueOrDefault(platform) ?? PointerHistory.Empty.From(LeastNumber);
}
