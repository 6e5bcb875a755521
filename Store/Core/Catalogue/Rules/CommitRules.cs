using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>The rules by which a publish becomes a visible release.</summary>
public static class CommitRules
{
    /// <summary>Recipes or chunks that are looked up together.</summary>
    private const int BatchSize = 1024;

    /// <summary>Makes a release visible and moves its channel's pointer, if one is given. The same release and
    /// pointer again are accepted and change nothing.</summary>
    /// <param name="transaction">The state.</param>
    /// <param name="publish">The publish that brought the chunks.</param>
    /// <param name="release">The release, its content by the names in its domain.</param>
    /// <param name="pointer">The pointer that names it as current; null to hold the release.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ChunkOtaException">See <see cref="IReleaseCatalogue"/>; <c>MANIFEST_INVALID</c>: the counter is
    /// too large.</exception>
    public static CommitOutcome Commit(
        ICommitTransaction transaction, Guid publish, NewRelease release, NewPointer? pointer, DateTimeOffset now)
    {
        var lease = LeaseRules.CheckAlive(transaction.FindLease(publish), now);
        CheckGoal(lease, (release.Product, release.Platform, release.Version, pointer?.Channel ?? lease.Channel));
        var known = transaction.FindFigures(release.Manifest);
        if (known is null)
            CheckNew(transaction, release);
        GuardRules.CheckSize(transaction, lease, new ReleaseSize(release.FileCount, release.LogicalBytes));
        CheckGreater(transaction, lease);
        var figures = known ?? Add(transaction, lease, release);
        Promote(transaction, lease, pointer);
        transaction.SettleLease(publish);
        return new CommitOutcome(known is not null, figures);
    }

    /// <summary>Moves the pointer of a publish whose release is visible already.</summary>
    /// <param name="transaction">The state.</param>
    /// <param name="publish">A publish of that release.</param>
    /// <param name="release">The visible release.</param>
    /// <param name="pointer">The pointer that names it as current; null to hold the release.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ChunkOtaException">See <see cref="IReleaseCatalogue"/>.</exception>
    public static CommitOutcome Commit(
        ICommitTransaction transaction, Guid publish, ReleaseRecord release, NewPointer? pointer, DateTimeOffset now)
    {
        var lease = LeaseRules.CheckAlive(transaction.FindLease(publish), now);
        CheckGoal(lease, (release.Product, release.Platform, release.Version, pointer?.Channel ?? lease.Channel));
        var figures = transaction.FindFigures(release.Manifest)
            ?? throw ExistenceRules.UnknownRelease(release.Manifest);
        GuardRules.CheckSize(transaction, lease, new ReleaseSize(figures.Files, figures.LogicalBytes));
        CheckGreater(transaction, lease);
        Promote(transaction, lease, pointer);
        transaction.SettleLease(publish);
        return new CommitOutcome(IsAlreadyPublished: true, figures);
    }

    private static void Promote(ICommitTransaction transaction, PublishLease lease, NewPointer? pointer)
    {
        if (pointer is null)
            return;
        // Somebody may have deleted the channel since the publish began.
        GuardRules.CheckChannel(transaction, lease.Product, lease.Channel, lease.Allowances);
        PromotionRules.Put(transaction, [pointer], Withdrawals.Unchanged);
    }

    private static void CheckGoal(
        PublishLease lease, (string Product, string Platform, string Version, string Channel) goal)
    {
        if (goal != (lease.Product, lease.Platform, lease.Version, lease.Channel))
        {
            throw new ChunkOtaException(
                ErrorCodes.PublishUnknown,
                $"the publish was begun for {lease.Product} {lease.Version} on {lease.Platform}, "
                + $"channel {lease.Channel}: begin another");
        }
    }

    private static void CheckNew(ICommitTransaction transaction, NewRelease release)
    {
        var highest = transaction.FindHighestCounter(release.Product, release.Platform);
        var least = transaction.ReadLeastNumber();
        ExistenceRules.CheckStep(ErrorCodes.ManifestInvalid, release.Counter, Math.Max(highest ?? 0, least));
        if (transaction.HasVersion(release.Product, release.Platform, release.Version))
        {
            throw new ChunkOtaException(
                ErrorCodes.VersionTaken,
                $"{release.Product} {release.Version} for {release.Platform} was published with other content, or was "
                + "deleted: choose another version");
        }

        if (highest >= release.Counter)
        {
            throw new ChunkOtaException(
                ErrorCodes.CounterTaken,
                $"counter {release.Counter} of {release.Product} for {release.Platform} comes too late: "
                + $"the highest is {highest}; sign again with a later one");
        }

        if (release.Counter < least)
        {
            throw new ChunkOtaException(
                ErrorCodes.ServerBehind,
                $"counter {release.Counter} of {release.Product} for {release.Platform} may have been given out before "
                + $"the server was restored from a backup: sign again with {least} or a later one");
        }
    }

    private static void CheckGreater(ICommitTransaction transaction, PublishLease lease)
    {
        if (lease.Allowances.HasFlag(Allowances.Older))
            return;
        var version = ReleaseVersion.Parse(lease.Version);
        foreach (var text in transaction.ListChannelVersions(lease.Product, lease.Platform, lease.Channel))
        {
            var other = ReleaseVersion.Parse(text);
            // The same version is the same release here: its commit is being repeated.
            if (other > version)
            {
                throw new ChunkOtaException(
                    ErrorCodes.VersionNotGreater,
                    $"version {version} is not greater than {other}, which channel {lease.Channel} has had: "
                    + "allow older versions to publish it");
            }
        }
    }

    private static ReleaseFigures Add(ICommitTransaction transaction, PublishLease lease, NewRelease release)
    {
        transaction.AddRelease(release);
        foreach (var recipes in release.Files.Select(file => file.Recipe).OfType<Digest>().Chunk(BatchSize))
        {
            if (transaction.FindMissingRecipe(recipes) is { } missing)
                throw Incomplete(release, $"the recipe {lease.Domain.DigestOf(missing)}");
            transaction.TakeBackRecipes(recipes);
        }

        transaction.AddFiles(release.Product, release.Files);
        var figures = AddChunks(transaction, lease.Domain, release);
        transaction.SettleUpload(lease.Id);
        QuotaRules.CheckCommit(transaction.FindUse(release.Product));
        transaction.SetFigures(release.Manifest, figures);
        return figures;
    }

    private static ReleaseFigures AddChunks(
        ICommitTransaction transaction, DedupDomain domain, NewRelease release)
    {
        var (distinctPlain, newChunks, newPlain, newStored) = (0L, 0L, 0L, 0L);
        foreach (var wanted in release.Chunks.Chunk(BatchSize))
        {
            var found = Find(transaction, domain, release, wanted);
            transaction.TakeBackChunks(found);
            var added = found.FindAll(chunk => !chunk.HasRelease);
            transaction.SetFirstRelease(release.Manifest, added);
            var gained = transaction.AddProductChunks(release.Product, found);
            transaction.GrowProduct(
                release.Product,
                gained.Sum(chunk => (long)chunk.PlainBytes),
                gained.Sum(chunk => chunk.StoredShare));
            distinctPlain += found.Sum(chunk => (long)chunk.PlainBytes);
            newChunks += added.Count;
            newPlain += added.Sum(chunk => (long)chunk.PlainBytes);
            newStored += added.Sum(chunk => chunk.StoredShare);
        }

        return new ReleaseFigures
        {
            LogicalBytes = release.LogicalBytes,
            Files = release.FileCount,
            Chunks = release.ChunkCount,
            DistinctChunks = release.Chunks.Count,
            DistinctPlainBytes = distinctPlain,
            NewChunks = newChunks,
            NewPlainBytes = newPlain,
            NewStoredBytes = newStored,
        };
    }

    private static List<IndexedChunk> Find(
        ICommitTransaction transaction, DedupDomain domain, NewRelease release, ChunkRef[] wanted)
    {
        var found = transaction.FindChunks(wanted);
        List<IndexedChunk> chunks = new(wanted.Length);
        for (var i = 0; i < wanted.Length; i++)
        {
            chunks.Add(found[i] is { } chunk && chunk.PlainBytes == wanted[i].Length
                ? chunk
                : throw Incomplete(
                    release, $"the chunk {domain.DigestOf(wanted[i].Hash)} of {wanted[i].Length} bytes"));
        }

        return chunks;
    }

    private static ChunkOtaException Incomplete(NewRelease release, string what) => new(
        ErrorCodes.ReleaseIncomplete,
        $"the store lacks {what} of {release.Product} {release.Version}: send it and commit again");
}
