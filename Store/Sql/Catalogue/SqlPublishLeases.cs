namespace ChunkOta.Storage.Sql;

/// <summary>The publishes that are under way, in SQL.</summary>
internal sealed class SqlPublishLeases(SqlDatabase database, TimeProvider clock) : IPublishLeases
{
    public Task<PublishLease> BeginAsync(NewPublish publish, CancellationToken cancellationToken = default) =>
        database.WriteAsync(
            session => LeaseRules.Begin(new SqlLeases(session), publish, clock.GetUtcNow()), cancellationToken);

    public async Task<PublishLease> RenewAsync(Guid publish, CancellationToken cancellationToken = default)
    {
        var lease = await database.ReadAsync(session => GetAlive(session, publish), cancellationToken)
            .ConfigureAwait(false);
        if (LeaseRules.Extend(lease, clock.GetUtcNow()) is not { } until)
            return lease;
        await database.WriteAsync(
            WriteScope.Shared,
            session =>
            {
                _ = GetAlive(session, publish);
                SqlLeases.SetExpiry(session, publish, until);
            },
            cancellationToken).ConfigureAwait(false);
        return lease with { Expires = until };
    }

    public async ValueTask CheckQuotaAsync(
        string product, long moreBytes, CancellationToken cancellationToken = default)
    {
        var use = await database.ReadAsync(session => SqlLookup.FindUse(session, product), cancellationToken)
            .ConfigureAwait(false);
        if (use is { } known)
            QuotaRules.CheckUpload(known, moreBytes);
    }

    public ValueTask<IReadOnlyList<PublishLease>> ListAsync(CancellationToken cancellationToken = default) =>
        database.ReadAsync<IReadOnlyList<PublishLease>>(
            session => SqlLeases.ListAlive(session, clock.GetUtcNow()), cancellationToken);

    private PublishLease GetAlive(SqlSession session, Guid publish) =>
        LeaseRules.CheckAlive(SqlLeases.Find(session, publish), clock.GetUtcNow());
}
