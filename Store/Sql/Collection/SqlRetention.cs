using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>Deleted releases and the policies of channels, in SQL.</summary>
internal sealed class SqlRetention(SqlDatabase database, TimeProvider clock) : IRetentionCatalogue
{
    /// <summary>Devices can report any number of platforms and channels.</summary>
    private const int MaxGroups = 1000;

    public Task<ReleaseUse> DeleteAsync(
        Digest manifest, bool isForced, DateTimeOffset devicesSince, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                var lookup = new SqlLookup(session);
                ExistenceRules.CheckRelease(lookup, manifest);
                var release = SqlReleaseUses.List(session, lookup.FindLine(manifest)!.Value.Product, devicesSince)
                    .First(use => use.Manifest == manifest);
                RetentionRules.CheckDeletion(release, isForced);
                _ = session["UPDATE releases SET deleted = $2 WHERE manifest = $1"]
                    .Bind(1, manifest).Bind(2, clock.GetUtcNow()).Run();
                return release;
            },
            cancellationToken);

    public Task<IReadOnlyList<string>> UndeleteAsync(
        string product, string version, string? platform, CancellationToken cancellationToken = default) =>
        database.WriteAsync<IReadOnlyList<string>>(
            session =>
            {
                ExistenceRules.CheckProduct(new SqlLookup(session), product);
                var platforms = session[
                    """
                    UPDATE releases SET deleted = NULL
                    WHERE product_id = $1 AND version = $2 AND ($3 IS NULL OR platform = $3)
                      AND deleted IS NOT NULL AND purged IS NULL
                    RETURNING platform
                    """]
                    .Bind(1, SqlLookup.GetProductId(session, product)).Bind(2, version).Bind(3, platform)
                    .List(row => row.Text(0));
                return platforms.Count > 0
                    ? [.. platforms.Order(StringComparer.Ordinal)]
                    : throw new ChunkOtaException(
                        ErrorCodes.ReleaseUnknown,
                        $"release {version} of {product} is not in the trash: it was never deleted, or its content is "
                        + "gone and it must be published as a new version");
            },
            cancellationToken);

    public ValueTask<(string Product, string Platform)?> FindDeletedAsync(
        Digest manifest, CancellationToken cancellationToken = default) =>
        database.ReadAsync(
            session => session[
                """
                SELECT p.name, r.platform FROM releases r JOIN products p ON p.id = r.product_id
                WHERE r.manifest = $1 AND r.deleted IS NOT NULL
                """]
                .Bind(1, manifest).FirstValue(row => (row.Text(0), row.Text(1))),
            cancellationToken);

    public Task SetPolicyAsync(
        string product, string channel, int? keep, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                var lookup = new SqlLookup(session);
                ExistenceRules.CheckProduct(lookup, product);
                if (!lookup.ListChannels(product).Contains(channel))
                {
                    throw new ChunkOtaException(
                        ErrorCodes.ChannelUnknown, $"unknown channel of {product}: {channel}: list the channels there "
                        + "are");
                }

                var id = SqlLookup.GetProductId(session, product);
                _ = keep is { } releases
                    ? session[
                        """
                        INSERT INTO retention (product_id, channel, keep) VALUES ($1, $2, $3)
                        ON CONFLICT (product_id, channel) DO UPDATE SET keep = $3
                        """].Bind(1, id).Bind(2, channel).Bind(3, releases).Run()
                    : session["DELETE FROM retention WHERE product_id = $1 AND channel = $2"]
                        .Bind(1, id).Bind(2, channel).Run();
            },
            cancellationToken);

    public ValueTask<IReadOnlyList<RetentionPolicy>> ListPoliciesAsync(
        string product, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<RetentionPolicy>>(
            session => session[
                """
                SELECT t.channel, t.keep FROM retention t JOIN products p ON p.id = t.product_id WHERE p.name = $1
                ORDER BY t.channel
                """]
                .Bind(1, product).List(row => new RetentionPolicy(product, row.Text(0), row.Int(1))),
            cancellationToken);

    public ValueTask<IReadOnlyList<ReleaseUse>> ListAsync(
        string product, DateTimeOffset devicesSince, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<ReleaseUse>>(
            session => SqlReleaseUses.List(session, product, devicesSince), cancellationToken);

    public ValueTask<IReadOnlyList<DeviceGroup>> ListDevicesAsync(
        string product, DateTimeOffset devicesSince, CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<DeviceGroup>>(
            session => session[
                """
                SELECT platform, channel, running, max(running_version), count(*) FROM device_reports
                WHERE product = $1 AND received >= $2 GROUP BY platform, channel, running
                ORDER BY count(*) DESC, platform, channel, running LIMIT $3
                """]
                .Bind(1, product).Bind(2, devicesSince).Bind(3, MaxGroups)
                .List(row => new DeviceGroup(
                    row.Text(0), row.Text(1), row.DigestOrNull(2), row.Text(3), row.Long(4))),
            cancellationToken);
}
