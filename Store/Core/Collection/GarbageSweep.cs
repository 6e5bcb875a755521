namespace ChunkOta.Storage;

/// <summary>Condemns the rows that no release has, and removes those that were condemned long enough ago.</summary>
internal static class GarbageSweep
{
    private const int PageSize = 4096;
    private const int ChunkRange = 16_384;
    private const int RemovedAtOnce = 512;

    /// <summary>Condemns recipes and chunks.</summary>
    /// <remarks>A page whose change is refused, because a publish has committed meanwhile, is read again.</remarks>
    public static async Task CondemnAsync(CollectionRun run, ReleaseMarks marks, CancellationToken cancellationToken)
    {
        run.Begin(CollectionPhase.Condemning);
        await DropClaimsAsync(run, marks, cancellationToken).ConfigureAwait(false);
        await CondemnRecipesAsync(run, marks, cancellationToken).ConfigureAwait(false);
        long? last = 0;
        while (last is { } after)
        {
            last = await run.Catalogue.Collection.CondemnChunksAsync(run.Lease, after, ChunkRange, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Removes the rows of what was condemned, a few at a time.</summary>
    public static async Task RemoveAsync(CollectionRun run, CancellationToken cancellationToken)
    {
        run.Begin(CollectionPhase.Removing);
        while (true)
        {
            var removed = await run.Catalogue.Collection.RemoveAsync(run.Lease, RemovedAtOnce, cancellationToken)
                .ConfigureAwait(false);
            if (removed.IsEmpty) break;
            run.Count(figures => figures with
            {
                Chunks = figures.Chunks + removed.Chunks,
                Recipes = figures.Recipes + removed.Recipes,
            });
        }

        await run.Catalogue.Damage.ForgetUnneededAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task DropClaimsAsync(
        CollectionRun run, ReleaseMarks marks, CancellationToken cancellationToken)
    {
        var catalogue = run.Catalogue.Collection;
        for (var after = default(ChunkClaim); ;)
        {
            await run.KeepAliveAsync(cancellationToken).ConfigureAwait(false);
            var page = await catalogue.ListClaimsAsync(after, PageSize, cancellationToken).ConfigureAwait(false);
            if (page.Count == 0) return;
            List<ChunkClaim> garbage = [.. page.Where(claim => !marks.Has(claim))];
            if (garbage.Count > 0
                && !await catalogue.DropClaimsAsync(run.Lease, garbage, marks.Commits, cancellationToken)
                    .ConfigureAwait(false))
            {
                await marks.RefreshAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            after = page[^1];
        }
    }

    private static async Task CondemnRecipesAsync(
        CollectionRun run, ReleaseMarks marks, CancellationToken cancellationToken)
    {
        var catalogue = run.Catalogue.Collection;
        for (var after = 0L; ;)
        {
            await run.KeepAliveAsync(cancellationToken).ConfigureAwait(false);
            var page = await catalogue.ListRecipesAsync(after, PageSize, cancellationToken).ConfigureAwait(false);
            if (page.Count == 0) return;
            List<long> garbage = [.. page.Where(recipe => !marks.HasRecipe(recipe))];
            if (garbage.Count > 0
                && !await catalogue.CondemnRecipesAsync(run.Lease, garbage, marks.Commits, cancellationToken)
                    .ConfigureAwait(false))
            {
                await marks.RefreshAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            after = page[^1];
        }
    }
}
