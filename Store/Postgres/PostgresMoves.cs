using System.Data.Common;
using Npgsql;

namespace ChunkOta.Storage.Postgres;

/// <summary>Moves of channels by NOTIFY: sent in the transaction that moves, received on a separate
/// connection.</summary>
/// <param name="database">The database.</param>
internal sealed class PostgresMoves(PostgresDatabase database) : IChannelMoves
{
    private const string Channel = "chunkota_moves";

    /// <summary>The time after which a silent connection is checked.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);

    /// <summary>Begins this server's own notifications, which it ignores.</summary>
    private readonly string _own = $"{Guid.NewGuid():N}/";

    /// <summary>Tells that a channel of the product <c>$1</c> has moved.</summary>
    public string Tell => $"SELECT pg_notify('{Channel}', '{_own}' || $1)";

    public async Task ListenAsync(Action<string> moved, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
                await HearAsync(connection, moved, cancellationToken).ConfigureAwait(false);
        }
        catch (DbException e)
        {
            throw database.ToFailure(e);
        }
    }

    private async Task HearAsync(
        NpgsqlConnection connection, Action<string> moved, CancellationToken cancellationToken)
    {
        connection.Notification += (_, told) =>
        {
            if (!told.Payload.StartsWith(_own, StringComparison.Ordinal))
                moved(told.Payload[(told.Payload.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        };
        while (true)
        {
            // LISTEN can be repeated: its answer shows that the connection is alive.
            using var command = new NpgsqlCommand($"LISTEN {Channel}", connection);
            _ = await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            while (await connection.WaitAsync(Silence, cancellationToken).ConfigureAwait(false))
                continue;
        }
    }
}
