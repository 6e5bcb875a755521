using ChunkOta.Chunking;

namespace ChunkOta.Agent;

/// <summary>A server that a device asks for updates and their costs, and reports its runs to.</summary>
/// <remarks>
/// Nothing that comes out of it is trusted before it is verified. Every call may be repeated, and throws
/// <see cref="ChunkOtaException"/> with the server's code, or <c>SERVER_UNAVAILABLE</c>.
/// </remarks>
internal interface IUpdateService
{
    /// <summary>The bytes that checks which broke have brought of a manifest; the next check goes on from there.
    /// </summary>
    long HeldTransferBytes { get; }

    /// <summary>Asks which release is current.</summary>
    /// <returns>The answer, the caller's to dispose of; the manifest is read from it.</returns>
    Task<IUpdateAnswer> CheckAsync(UpdateQuestion question, CancellationToken cancellationToken);

    /// <summary>Asks where every byte of an update goes, and why.</summary>
    /// <param name="from">The digest of the manifest of the release that is held.</param>
    /// <param name="to">The digest of the manifest of the release to install.</param>
    /// <returns>Files in the order of their entries.</returns>
    IAsyncEnumerable<FileExplanation> ExplainAsync(Digest from, Digest to, CancellationToken cancellationToken);

    /// <summary>Reports the progress of an update.</summary>
    Task TellProgressAsync(ProgressNote note, CancellationToken cancellationToken);

    /// <summary>Reports how a run ended.</summary>
    Task ReportAsync(RunReport report, CancellationToken cancellationToken);
}

/// <summary>The answer to a check: the offer, and the manifest behind it.</summary>
internal interface IUpdateAnswer : IAsyncDisposable
{
    /// <summary>The offer; nothing in it is verified.</summary>
    OfferedUpdate Offer { get; }

    /// <summary>Reads the manifest as it was sent: one zstd frame.</summary>
    /// <param name="bytes">The length that it must have.</param>
    /// <exception cref="ChunkOtaException"><c>TOO_LARGE</c>: more came. <c>SERVER_UNAVAILABLE</c>: less.</exception>
    Task<byte[]> ReadManifestAsync(int bytes, CancellationToken cancellationToken);
}

/// <summary>An entry of an update as the server explains it; for people, and never verified.</summary>
/// <param name="Path">The entry's path.</param>
/// <param name="Cause">Its cost and the reason.</param>
internal sealed record FileExplanation(string Path, StepCause Cause);
