namespace ChunkOta.Storage;

/// <summary>Stores objects that the trash may hold, or that a collection is deleting at this moment.</summary>
internal static class ObjectArrivals
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>200 seconds of pauses: a deletion takes milliseconds, unless it failed or its server was killed; then
    /// it is over with the lease of the collection.</summary>
    private const int MaxPauses = 2000;

    /// <summary>Takes objects out of the trash and stores them.</summary>
    /// <exception cref="ChunkOtaException">STORE_FULL; STORE_UNAVAILABLE, also when one of the objects is still being
    /// deleted after all pauses.</exception>
    public static async Task PutAsync(
        IObjectStore objects, IChunkIndex index, IReadOnlyList<ObjectContent> contents,
        CancellationToken cancellationToken)
    {
        List<ObjectName> names = [.. contents.Select(content => content.Name)];
        for (var pauses = 0; !await index.TryTakeBackAsync(names, cancellationToken).ConfigureAwait(false); pauses++)
        {
            if (pauses == MaxPauses)
            {
                throw new StoreUnavailableException(
                    "the server's store is deleting an object that is to be stored again: try again in a few minutes")
                {
                    OperatorDetail = $"the deletion of object {names[0]}, or of one stored with it, takes too long: "
                        + "run a collection",
                };
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }

        await objects.PutManyAsync(contents, cancellationToken).ConfigureAwait(false);
    }
}
