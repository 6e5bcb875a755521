using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>Explains updates: the bytes of each file, and their cause.</summary>
/// <param name="releases">Decides which releases a caller may read.</param>
/// <param name="explainer">Explains.</param>
public sealed class ExplainOperations(ReleaseOperations releases, UpdateExplainer explainer) : IDisposable
{
    /// <summary>One at a time: it decodes a whole delta, and every device may ask.</summary>
    private readonly SemaphoreSlim _explaining = new(1);

    /// <summary>Explains the update from one release to another.</summary>
    /// <param name="caller">May read both releases.</param>
    /// <param name="from">The manifest that is held; null for nothing.</param>
    /// <param name="to">The manifest to update to.</param>
    /// <exception cref="ChunkOtaException">RELEASE_UNKNOWN.</exception>
    public async Task<UpdateExplanation> ExplainAsync(
        Caller caller, Digest? from, Digest to, CancellationToken cancellationToken)
    {
        var wanted = await releases.GetReadableAsync(caller, to, cancellationToken);
        if (from is { } manifest)
        {
            var held = await releases.GetReadableAsync(caller, manifest, cancellationToken);
            if (held.Product != wanted.Product || held.Platform != wanted.Platform)
                throw new ChunkOtaException(
                    ErrorCodes.ReleaseUnknown,
                    $"unknown release of {wanted.Product} for {wanted.Platform}: manifest {held.Manifest}: "
                        + "name two releases of one product and platform");
        }

        await _explaining.WaitAsync(cancellationToken);
        try
        {
            return await explainer.ExplainAsync(from, wanted.Manifest, cancellationToken);
        }
        finally
        {
            _explaining.Release();
        }
    }

    /// <summary>Frees the semaphore. No call may be running.</summary>
    public void Dispose() => _explaining.Dispose();
}
