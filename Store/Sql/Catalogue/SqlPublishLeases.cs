namespace ChunkOta.Storage.Sql;

/// <summary>The publishes that are under way, in SQL.</summary>
internal sealed class SqlPublishLeases(SqlDatabase database, TimeProvider clock) : IPublishLeases
{
    public Task<PublishLease> BeginAsync(
        string product,
        string platform,
        string version,
        string channel,
        bool allowsOlder,
        CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session =>
            {
                var now = clock.GetUtcNow();
                var lease = new PublishLease
                {
                    Id = Guid.NewGuid(),
                    Product = product,
                    Platform = platform,
                    Version = version,
                    Channel = channel,
                    AllowsOlder = allowsOlder,
                    Expires = now,
                };
                return LeaseRules.Begin(new SqlLeases(session), lease, now);
            },
            cancellationToken);

    public async Task<PublishLease> RenewAsync(Guid publish, CancellationToken cancellationToken = default)
    {
        var lease = await database.ReadAsync(session => GetAlive(session, publish), cancellationToken)
            .ConfigureAwait(false);
        if (LeaseRules.Extend(lease, clock.GetUtcNow()) is not { } until)
            return lease;
        await database.WriteAsync(
            session =>
            {
                _ = GetAlive(session, publish);
                SqlLeases.SetExpiry(session, publish, until);
            },
            cancellationToken).ConfigureAwait(false);
        return lease with { Expires = until };
    }

    public ValueTask<IReadOnlyList<PublishLease>> ListAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<PublishLease>>(
            session => SqlLeases.ListAlive(session, clock.GetUtcNow()), cancellationToken);

    private PublishLease GetAlive(SqlSession session, Guid publish) =>
        LeaseRules.CheckAlive(SqlLeases.Find(session, publish), clock.GetUtcNow());
}
