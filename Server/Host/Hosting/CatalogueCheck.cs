using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Lets the database check its own pages before the server starts on it.</summary>
internal static class CatalogueCheck
{
    /// <summary>A start must not take longer: a large catalogue is checked by the next scrub.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Checks it, as far as time allows.</summary>
    /// <exception cref="StoreUnavailableException">It is damaged.</exception>
    public static async Task RunAsync(ICatalogue catalogue)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var problem = await catalogue.Damage.CheckIntegrityAsync(isFull: false, patience.Token);
            if (!string.IsNullOrEmpty(problem))
            {
                throw new StoreUnavailableException(
                    $"the catalogue is damaged: {Protos.OneLine.Of(problem)}: restore it from a backup, or rebuild it "
                    + "with ota-server reindex");
            }
        }
        catch (OperationCanceledException)
        {
            // Not yet damaged, as far as it was read.
            return;
        }
    }
}
