using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>Where releases come from: what a run asks of a server, and nothing more.</summary>
/// <remarks>
/// Nothing that comes out of it is believed before it is verified. All calls may be repeated; all throw
/// <see cref="ChunkOtaException"/> with the server's code, or <c>SERVER_UNAVAILABLE</c>.
/// </remarks>
internal interface IReleaseSource
{
    /// <summary>Asks what is current.</summary>
    /// <param name="request">Who asks, and what it holds.</param>
    /// <returns>The header; the manifest's transfer is read from it. The caller's to dispose of.</returns>
    Task<IUpdateAnswer> CheckAsync(CheckForUpdateRequest request, CancellationToken cancellationToken);

    /// <summary>Fetches recipes.</summary>
    /// <param name="request">The release and its entries.</param>
    /// <returns>Pieces in the order of the entries asked for.</returns>
    IAsyncEnumerable<RecipePiece> FetchRecipesAsync(FetchRecipesRequest request, CancellationToken cancellationToken);

    /// <summary>Fetches chunks.</summary>
    /// <param name="request">The release and the runs of chunks.</param>
    /// <returns>Frames; each is the caller's to dispose of.</returns>
    IAsyncEnumerable<FetchedFrame> FetchChunksAsync(FetchChunksRequest request, CancellationToken cancellationToken);

    /// <summary>Fetches a delta from an offset on.</summary>
    /// <param name="request">The release and the delta.</param>
    /// <returns>Its bytes in order.</returns>
    IAsyncEnumerable<ReadOnlyMemory<byte>> FetchDeltaAsync(FetchDeltaRequest request, CancellationToken cancellationToken);

    /// <summary>Asks where every byte of an update goes, and why.</summary>
    /// <param name="request">Both releases.</param>
    /// <returns>Files in the order of their entries.</returns>
    IAsyncEnumerable<FileCost> ExplainAsync(ExplainUpdateRequest request, CancellationToken cancellationToken);

    /// <summary>Says how it went.</summary>
    /// <param name="request">The report.</param>
    Task ReportAsync(ReportRequest request, CancellationToken cancellationToken);
}

/// <summary>What the server answered to a check: a header, and the manifest behind it.</summary>
internal interface IUpdateAnswer : IAsyncDisposable
{
    /// <summary>The header; nothing in it is verified.</summary>
    UpdateHeader Header { get; }

    /// <summary>Reads the manifest's transfer.</summary>
    /// <param name="bytes">How long it is to be.</param>
    /// <exception cref="ChunkOtaException"><c>TOO_LARGE</c>: more came. <c>SERVER_UNAVAILABLE</c>: less.</exception>
    Task<byte[]> ReadTransferAsync(int bytes, CancellationToken cancellationToken);
}
