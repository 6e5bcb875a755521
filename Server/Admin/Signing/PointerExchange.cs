using ChunkOta.Client;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>
/// Changes channels: reads their pointers, has new ones signed on top, and stores all of these or none.
/// </summary>
/// <param name="session">The connection.</param>
/// <param name="product">The product.</param>
/// <param name="keys">The publisher's keys.</param>
/// <param name="clock">For the pauses between tries.</param>
internal sealed class PointerExchange(Session session, string product, PublisherKeys keys, TimeProvider clock)
{
    private const int MaxSignings = 3;

    /// <summary>Runs one change. If another publisher's pointer comes first, it is read and followed.</summary>
    /// <param name="sign">Makes the request from the pointers of each platform, and what to answer. A request without
    /// pointers is not sent.</param>
    /// <exception cref="ChunkOtaException"><c>SEQ_TAKEN</c> three times, or what the server refused: nothing was
    /// changed.</exception>
    public async Task<T> RunAsync<T>(
        Func<PointerHistories, (PutPointersRequest Request, T Answer)> sign,
        CancellationToken cancellationToken)
    {
        for (var signing = 1; ; signing++)
        {
            var histories = await PointerHistory.ReadAsync(session, product, keys, cancellationToken);
            var (request, answer) = sign(histories);
            try
            {
                if (request.Pointers.Count > 0)
                {
                    await Retrying.RunAsync(
                        async () => await session.Administration.PutPointersAsync(
                            request, cancellationToken: cancellationToken),
                        clock, cancellationToken);
                }

                return answer;
            }
            catch (ChunkOtaException e) when (e.Code == ErrorCodes.SeqTaken && signing < MaxSignings)
            {
                continue;
            }
        }
    }
}
