using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Makes a catalogue anew, which no server uses until it is complete.</summary>
internal interface ICatalogueRebuild
{
    /// <summary>Opens the new catalogue. It is empty, and the caller closes it.</summary>
    /// <exception cref="ChunkOtaException">IN_USE: there is a catalogue; STORE_UNAVAILABLE.</exception>
    Task<ICatalogue> BeginAsync(CancellationToken cancellationToken);

    /// <summary>Puts the new catalogue, which is closed, into use.</summary>
    /// <returns>Where the old one is kept; null if there was none.</returns>
    /// <exception cref="ChunkOtaException">STORE_UNAVAILABLE.</exception>
    string? Complete();
}
