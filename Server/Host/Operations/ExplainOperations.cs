using System.Runtime.CompilerServices;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Saying where the bytes of updates go: what Releases.ExplainUpdate promises.</summary>
internal sealed class ExplainOperations(ReleaseOperations releases, UpdateExplainer explainer) : IDisposable
{
    /// <summary>One at a time: it decodes a whole delta, and any device may ask.</summary>
    private readonly SemaphoreSlim _explaining = new(1);

    private const int MaxMessageBytes = 512 * 1024;

    /// <summary>The whole first, then all files that are not kept, as many a message as fit.</summary>
    public async IAsyncEnumerable<ExplainUpdateResponse> ExplainAsync(
        Caller caller, ExplainUpdateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var to = await releases.GetReadableAsync(
            caller, ReleaseOperations.ToDigest(request.ManifestDigest), cancellationToken);
        Digest? from = null;
        if (!request.FromManifestDigest.IsEmpty)
        {
            var held = await releases.GetReadableAsync(
                caller, ReleaseOperations.ToDigest(request.FromManifestDigest), cancellationToken);
            if (held.Product != to.Product || held.Platform != to.Platform)
                throw new ChunkOtaException(
                    ErrorCodes.ReleaseUnknown, $"{to.Product} has no release with the manifest {held.Manifest} for {to.Platform}");
            from = held.Manifest;
        }

        var explanation = await ExplainAsync(from, to.Manifest, cancellationToken);
        var response = new ExplainUpdateResponse { Cost = explanation.Cost };
        var bytes = 0;
        foreach (var file in explanation.Files)
        {
            response.Files.Add(file);
            bytes += file.CalculateSize();
            if (bytes < MaxMessageBytes) continue;
            yield return response;
            (response, bytes) = (new ExplainUpdateResponse(), 0);
        }

        if (response.Cost is not null || response.Files.Count != 0) yield return response;
    }

    public void Dispose() => _explaining.Dispose();

    private async Task<UpdateExplanation> ExplainAsync(Digest? from, Digest to, CancellationToken cancellationToken)
    {
        await _explaining.WaitAsync(cancellationToken);
        try
        {
            return await explainer.ExplainAsync(from, to, cancellationToken);
        }
        finally
        {
            _explaining.Release();
        }
    }
}
