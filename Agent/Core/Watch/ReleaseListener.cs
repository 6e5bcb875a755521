namespace ChunkOta.Agent;

/// <summary>Stays connected to the server of a product, and passes on that there may be a new release.</summary>
/// <remarks>A hint only: without it a product is polled. A stream that breaks is opened again after 1, 2, 4 … s up to
/// an hour, less by chance; one that lasted ten minutes starts that again.</remarks>
/// <param name="agent">The engine.</param>
/// <param name="product">The product.</param>
/// <param name="heard">Told to check, and after which time; from any thread.</param>
/// <param name="clock">The clock.</param>
internal sealed class ReleaseListener(
    UpdateAgent agent, string product, Action<string, TimeSpan> heard, TimeProvider clock)
{
    private const int MostDoublings = 12;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan Lasting = TimeSpan.FromMinutes(10);

    /// <summary>Listens until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var began = clock.GetTimestamp();
            try
            {
                using var listener = agent.Listen(product);
                await foreach (var delay in listener.ListenAsync(product, cancellationToken).ConfigureAwait(false))
                    heard(product, delay);
            }
            catch (Exception e) when (e is ChunkOtaException or OperationCanceledException)
            {
                // The polls say what is wrong with a server.
            }
            failures = clock.GetElapsedTime(began) > Lasting ? 1 : Math.Min(failures + 1, MostDoublings);
            var pause = FirstPause * (1 << (failures - 1));
            pause = (pause < LongestPause ? pause : LongestPause) * (0.5 + Random.Shared.NextDouble() / 2);
            await Task.Delay(pause, clock, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
