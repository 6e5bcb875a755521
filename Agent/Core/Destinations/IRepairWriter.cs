namespace ChunkOta.Agent;

/// <summary>An installed release whose damaged entries are put right, each in one step.</summary>
/// <remarks>
/// New bytes are written beside the release and verified there; nothing in it changes before <see cref="Commit"/>, but
/// permissions. Content is never written in place: a file may be open, run, or be shared with other releases. Disposing
/// leaves what was written for the next run. Not safe for concurrent use.
/// </remarks>
internal interface IRepairWriter : IChunkSink, IDisposable
{
    /// <summary>Makes everything that needs no bytes.</summary>
    /// <param name="damage">The damaged entries, by their indexes, ascending.</param>
    /// <returns>The entries that have to be put together from chunks, ascending.</returns>
    IReadOnlyList<int> Begin(IReadOnlyDictionary<int, TreeDamage> damage);

    /// <summary>Finishes the demanded files that lack no chunk to begin with.</summary>
    void FinishComplete();

    /// <summary>Replaces the damaged entries. What stands in the way and is not of the release is moved aside, under
    /// another name. When it returns, the repair survives a power cut.</summary>
    void Commit();
}
