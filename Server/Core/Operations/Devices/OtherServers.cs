using ChunkOta.Storage;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Server.Core;

/// <summary>Follows what the other servers of the catalogue do: devices that listen here hear of channels that were
/// moved there, and workers look for the deltas that came with it.</summary>
public sealed partial class OtherServers
{
    /// <summary>The pause before listening again after the database did not answer.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly ICatalogue _catalogue;
    private readonly ChannelMoves _moves;
    private readonly DeltaRequests _deltas;
    private readonly TimeProvider _clock;
    private readonly ILogger<OtherServers> _log;

    /// <param name="catalogue">Tells of moves.</param>
    /// <param name="moves">Has the devices that listen.</param>
    /// <param name="deltas">Has the workers that wait.</param>
    /// <param name="clock">Measures the pause.</param>
    /// <param name="log">Gets a line when the database does not answer.</param>
    internal OtherServers(
        ICatalogue catalogue, ChannelMoves moves, DeltaRequests deltas, TimeProvider clock,
        ILogger<OtherServers> log) =>
        (_catalogue, _moves, _deltas, _clock, _log) = (catalogue, moves, deltas, clock, log);

    /// <summary>Follows them until it is cancelled; returns at once where there can be none.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        if (_catalogue.Moves is not { } moves)
            return;
        while (true)
        {
            try
            {
                await moves.ListenAsync(Note, cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                LogDeaf(FailureSeverity.LevelOf(failure), failure.DescribeForOperator());
            }

            await Task.Delay(RetryAfter, _clock, cancellationToken);
        }
    }

    private void Note(string product)
    {
        _moves.Moved(product);
        _deltas.Wake();
    }

    [LoggerMessage(EventId = 4073, Message =
        "Moves of channels by other servers are not heard for a while, devices poll meanwhile: {Detail}")]
    private partial void LogDeaf(LogLevel level, string detail);
}
