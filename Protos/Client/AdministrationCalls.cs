using ChunkOta.Protos.V1;
using Google.Protobuf;
using Grpc.Core;

namespace ChunkOta.Client;

/// <summary>Whole lists of any length, which travel in messages of bounded size.</summary>
public static class AdministrationCalls
{
    /// <summary>Bytes of pointers in one message.</summary>
    private const int MaxPointerBytes = 512 * 1024;

    /// <summary>All products that the caller may see.</summary>
    public static Task<ListProductsResponse> ListProductsAsync(
        this Administration.AdministrationClient client, ListProductsRequest request,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return MergeAsync(client.ListProducts(request, deadline: Deadline, cancellationToken: cancellationToken));
    }

    /// <summary>All tokens.</summary>
    public static Task<ListTokensResponse> ListTokensAsync(
        this Administration.AdministrationClient client, ListTokensRequest request,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return MergeAsync(client.ListTokens(request, deadline: Deadline, cancellationToken: cancellationToken));
    }

    /// <summary>All channels of a product, or of all products.</summary>
    public static Task<ListChannelsResponse> ListChannelsAsync(
        this Administration.AdministrationClient client, ListChannelsRequest request,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return MergeAsync(client.ListChannels(request, deadline: Deadline, cancellationToken: cancellationToken));
    }

    /// <summary>The figures of all releases and products, and of the store.</summary>
    public static Task<GetStatsResponse> GetStatsAsync(
        this Administration.AdministrationClient client, GetStatsRequest request,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return MergeAsync(client.GetStats(request, deadline: Deadline, cancellationToken: cancellationToken));
    }

    /// <summary>All deltas of a product, queued and built.</summary>
    public static Task<ListDeltasResponse> ListDeltasAsync(
        this Administration.AdministrationClient client, ListDeltasRequest request,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return MergeAsync(client.ListDeltas(request, deadline: Deadline, cancellationToken: cancellationToken));
    }

    /// <summary>Queues the deltas to a release that the devices of a channel need, and lists them.</summary>
    public static Task<ListDeltasResponse> PrepareDeltasAsync(
        this Administration.AdministrationClient client, PrepareDeltasRequest request,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return MergeAsync(client.PrepareDeltas(request, deadline: Deadline, cancellationToken: cancellationToken));
    }

    /// <summary>Plans a collection. The server reads every manifest, which can take minutes.</summary>
    public static Task<PlanCollectionResponse> PlanCollectionAsync(
        this Administration.AdministrationClient client, PlanCollectionRequest request,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        return MergeAsync(client.PlanCollection(request, cancellationToken: cancellationToken));
    }

    /// <summary>Asks why a release or a chunk is kept. For a chunk the server reads manifests and recipes, which can
    /// take minutes.</summary>
    public static async Task<ExplainKeptResponse> ExplainAsync(
        this Administration.AdministrationClient client, ExplainKeptRequest request,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        var deadline = (TimeProvider.System.GetUtcNow() + ServerConnection.StreamDeadline).UtcDateTime;
        using var call = client.ExplainKeptAsync(request, deadline: deadline, cancellationToken: cancellationToken);
        return await call.ResponseAsync.ConfigureAwait(false);
    }

    /// <summary>Stores pointers, all or none.</summary>
    public static async Task<PutPointersResponse> PutPointersAsync(
        this Administration.AdministrationClient client, PutPointersRequest request,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(request);
        using var call = client.PutPointers(deadline: Deadline, cancellationToken: cancellationToken);
        var part = new PutPointersRequest(request);
        part.Pointers.Clear();
        var bytes = 0;
        foreach (var pointer in request.Pointers)
        {
            var size = pointer.CalculateSize();
            if (bytes > 0 && bytes + size > MaxPointerBytes)
            {
                await call.RequestStream.WriteAsync(part, cancellationToken).ConfigureAwait(false);
                (part, bytes) = (new PutPointersRequest(), 0);
            }

            part.Pointers.Add(pointer);
            bytes += size;
        }

        await call.RequestStream.WriteAsync(part, cancellationToken).ConfigureAwait(false);
        await call.RequestStream.CompleteAsync().ConfigureAwait(false);
        return await call.ConfigureAwait(false);
    }

    private static DateTime Deadline =>
        (TimeProvider.System.GetUtcNow() + ServerConnection.UnaryDeadline).UtcDateTime;

    private static async Task<T> MergeAsync<T>(AsyncServerStreamingCall<T> call)
        where T : class, IMessage<T>, new()
    {
        using (call)
        {
            var whole = new T();
            while (await call.ResponseStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
                whole.MergeFrom(call.ResponseStream.Current);
            return whole;
        }
    }
}
