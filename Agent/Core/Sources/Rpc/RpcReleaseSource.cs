using System.Runtime.CompilerServices;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;
using Grpc.Core;

namespace ChunkOta.Agent;

/// <summary>A server, asked by gRPC as this device.</summary>
/// <param name="connection">The connection; the caller's.</param>
/// <param name="authorization">Signs the connection's calls.</param>
/// <param name="clock">The clock.</param>
internal sealed class RpcReleaseSource(
    ServerConnection connection, DeviceAuthorization authorization, TimeProvider clock) : IReleaseSource
{
    /// <summary>How long a stream may bring nothing before it is given up.</summary>
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(30);

    private readonly Devices.DevicesClient _devices = new(connection.Invoker);
    private readonly Releases.ReleasesClient _releases = new(connection.Invoker);
    private readonly ChunksClient _chunks = new(connection.Invoker);

    /// <summary>Trades an install token for a device id.</summary>
    /// <param name="token">The token.</param>
    /// <param name="key">The device's key.</param>
    /// <param name="platform">The platform, for the server's records.</param>
    public Task<EnrolResponse> EnrolAsync(
        InstallToken token, SigningKey key, string platform, CancellationToken cancellationToken)
    {
        var tokenId = token.Id.ToArray();
        return _devices.EnrolAsync(
            new EnrolRequest
            {
                TokenId = ByteString.CopyFrom(tokenId),
                TokenSecret = ByteString.CopyFrom(token.Secret.Span),
                PublicKey = ByteString.CopyFrom(key.PublicKey.Span),
                Proof = ByteString.CopyFrom(key.Sign(
                    SignedDocument.SignedBytes(PayloadTypes.Enrol, [.. tokenId, .. key.PublicKey.Span]))),
                Platform = platform,
                AgentVersion = AgentVersion.Current,
            },
            cancellationToken: cancellationToken).ResponseAsync;
    }

    /// <inheritdoc/>
    public Task<IUpdateAnswer> CheckAsync(CheckForUpdateRequest request, CancellationToken cancellationToken) =>
        WithServerClockAsync<IUpdateAnswer>(async () =>
        {
            var call = _devices.CheckForUpdate(request, cancellationToken: cancellationToken);
            try
            {
                if (!await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false)
                    || call.ResponseStream.Current.Header is not { } header)
                {
                    throw new ChunkOtaException(ErrorCodes.ServerUnavailable, "the server answered a check with nothing");
                }
                return new Answer(call, header);
            }
            catch
            {
                call.Dispose();
                throw;
            }
        });

    /// <inheritdoc/>
    public async IAsyncEnumerable<RecipePiece> FetchRecipesAsync(
        FetchRecipesRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stall = new StallGuard(StallLimit, clock, cancellationToken);
        using var call = _releases.FetchRecipes(request, cancellationToken: stall.Token);
        while (await stall.MoveNextAsync(call.ResponseStream).ConfigureAwait(false))
        {
            foreach (var piece in call.ResponseStream.Current.Pieces)
                yield return piece;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<FetchedFrame> FetchChunksAsync(
        FetchChunksRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stall = new StallGuard(StallLimit, clock, cancellationToken);
        using var call = _chunks.FetchChunks(request, new CallOptions(cancellationToken: stall.Token));
        while (await stall.MoveNextAsync(call.ResponseStream).ConfigureAwait(false))
            yield return call.ResponseStream.Current;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> FetchDeltaAsync(
        FetchDeltaRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stall = new StallGuard(StallLimit, clock, cancellationToken);
        using var call = _releases.FetchDelta(request, cancellationToken: stall.Token);
        while (await stall.MoveNextAsync(call.ResponseStream).ConfigureAwait(false))
            yield return call.ResponseStream.Current.Piece.Memory;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<FileCost> ExplainAsync(
        ExplainUpdateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var stall = new StallGuard(StallLimit, clock, cancellationToken);
        using var call = _releases.ExplainUpdate(request, cancellationToken: stall.Token);
        while (await stall.MoveNextAsync(call.ResponseStream).ConfigureAwait(false))
        {
            foreach (var file in call.ResponseStream.Current.Files)
                yield return file;
        }
    }

    /// <inheritdoc/>
    public async Task ReportAsync(ReportRequest request, CancellationToken cancellationToken) =>
        await WithServerClockAsync(
            () => _devices.ReportAsync(request, cancellationToken: cancellationToken).ResponseAsync).ConfigureAwait(false);

    /// <summary>Makes a call, and once more by the server's clock if this device's is off.</summary>
    private async Task<T> WithServerClockAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (ClockSkewException e) when (e.ServerTime is not null && authorization.Correction == TimeSpan.Zero)
        {
            authorization.Correction = e.ServerTime.Value - clock.GetUtcNow();
            return await call().ConfigureAwait(false);
        }
    }

    private sealed class Answer(AsyncServerStreamingCall<CheckForUpdateResponse> call, UpdateHeader header)
        : IUpdateAnswer
    {
        public UpdateHeader Header => header;

        public async Task<byte[]> ReadTransferAsync(int bytes, CancellationToken cancellationToken)
        {
            var transfer = new byte[bytes];
            var filled = 0;
            while (await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
            {
                var piece = call.ResponseStream.Current.TransferPiece;
                if (piece.Length > bytes - filled)
                    throw new ChunkOtaException(ErrorCodes.TooLarge, "the manifest's transfer is longer than announced");
                piece.Span.CopyTo(transfer.AsSpan(filled));
                filled += piece.Length;
            }
            return filled == bytes
                ? transfer
                : throw new ChunkOtaException(ErrorCodes.ServerUnavailable, "the manifest's transfer broke off");
        }

        public ValueTask DisposeAsync()
        {
            call.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
