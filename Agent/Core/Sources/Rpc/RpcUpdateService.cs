using System.Runtime.CompilerServices;
using ChunkOta.Chunking;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;
using Grpc.Core;

namespace ChunkOta.Agent;

/// <summary>A server as this device asks it, over gRPC.</summary>
/// <param name="connection">The connection; the caller's.</param>
/// <param name="authorization">Signs the connection's calls.</param>
/// <param name="watch">Ends calls that bring too little.</param>
/// <param name="clock">Compared with the server's.</param>
internal sealed class RpcUpdateService(
    ServerConnection connection, DeviceAuthorization authorization, StallWatch watch, TimeProvider clock)
    : IUpdateService
{
    /// <summary>The longest time that a server can ask for: a day. It can delay an update by that, never stop
    /// it.</summary>
    private const uint MaxPollSeconds = 24 * 3600;

    private const int MaxCorrections = 2;

    private static readonly TimeSpan ProgressLimit = TimeSpan.FromSeconds(30);

    private readonly Devices.DevicesClient _devices = new(connection.Invoker);
    private readonly Releases.ReleasesClient _releases = new(connection.Invoker);
    private PartialTransfer? _partial;

    /// <inheritdoc/>
    public long HeldTransferBytes => _partial?.Filled ?? 0;

    /// <summary>The time after which the server asked to check again, seconds; 0 when it has not.</summary>
    public int NextPollSeconds { get; private set; }

    /// <summary>Trades an install token for a device id.</summary>
    /// <param name="token">The token.</param>
    /// <param name="key">The device's key.</param>
    /// <param name="platform">The platform, for the server's records.</param>
    public Task<EnrolResponse> EnrolAsync(
        InstallToken token, SigningKey key, string platform, CancellationToken cancellationToken)
    {
        var tokenId = token.Id.ToArray();
        var request = new EnrolRequest
        {
            TokenId = ByteString.CopyFrom(tokenId),
            TokenSecret = ByteString.CopyFrom(token.Secret.Span),
            PublicKey = ByteString.CopyFrom(key.PublicKey.Span),
            Proof = ByteString.CopyFrom(key.Sign(
                SignedDocument.SignedBytes(PayloadTypes.Enrol, [.. tokenId, .. key.PublicKey.Span]))),
            Platform = platform,
            AgentVersion = AgentVersion.Current,
        };
        return CorrectedAsync(async () =>
        {
            using var stall = watch.Begin(cancellationToken);
            return await stall.WaitAsync(_devices.EnrolAsync(request, cancellationToken: stall.Token).ResponseAsync)
                .ConfigureAwait(false);
        });
    }

    /// <inheritdoc/>
    public Task<IUpdateAnswer> CheckAsync(UpdateQuestion question, CancellationToken cancellationToken)
    {
        var request = UpdateMessages.ToRequest(question);
        request.HeldTransfer = _partial?.ToMessage();
        return CorrectedAsync<IUpdateAnswer>(async () =>
        {
            var stall = watch.Begin(cancellationToken);
            var call = _devices.CheckForUpdate(request, cancellationToken: stall.Token);
            try
            {
                if (!await stall.MoveNextAsync(call.ResponseStream, part => part.CalculateSize()).ConfigureAwait(false)
                    || call.ResponseStream.Current.Header is not { } header)
                {
                    throw new ChunkOtaException(
                        ErrorCodes.ServerUnavailable, "the server answered a check with nothing");
                }
                NextPollSeconds = (int)Math.Min(header.NextPollSeconds, MaxPollSeconds);
                if (header.TransferOffset != 0 && _partial?.IsContinuedBy(header) != true)
                {
                    throw new ChunkOtaException(
                        ErrorCodes.ServerUnavailable, "the server continues a transfer that was not begun");
                }
                var offer = UpdateMessages.ToOffer(header, question.Held) with
                {
                    ServerClockAhead = authorization.Correction,
                };
                return new Answer(this, call, stall, header, offer);
            }
            catch
            {
                call.Dispose();
                stall.Dispose();
                throw;
            }
        });
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<FileExplanation> ExplainAsync(
        Digest from, Digest to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ExplainUpdateRequest
        {
            FromManifestDigest = from.ToByteString(),
            ManifestDigest = to.ToByteString(),
        };
        using var stall = watch.Begin(cancellationToken);
        using var call = _releases.ExplainUpdate(request, cancellationToken: stall.Token);
        while (await stall.MoveNextAsync(call.ResponseStream, part => part.Files.Count).ConfigureAwait(false))
        {
            foreach (var file in call.ResponseStream.Current.Files)
                yield return UpdateMessages.ToExplained(file);
        }
    }

    /// <inheritdoc/>
    public async Task TellProgressAsync(ProgressNote note, CancellationToken cancellationToken)
    {
        // Not watched: a word that comes late must not end the download beside it.
        using var limit = new CancellationTokenSource(ProgressLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        await _devices.ReportAsync(UpdateMessages.ToRequest(note), cancellationToken: either.Token)
            .ResponseAsync.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task ReportAsync(RunReport report, CancellationToken cancellationToken)
    {
        var request = UpdateMessages.ToRequest(report);
        await CorrectedAsync(async () =>
        {
            using var stall = watch.Begin(cancellationToken);
            return await stall.WaitAsync(_devices.ReportAsync(request, cancellationToken: stall.Token).ResponseAsync)
                .ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Makes a call, and again if its failure says how: by the server's clock, or by HTTP/1.1.</summary>
    private async Task<T> CorrectedAsync<T>(Func<Task<T>> call)
    {
        for (var left = MaxCorrections; ; left--)
        {
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (ClockSkewException e) when (left > 0 && authorization.Follow(e))
            {
                continue;
            }
            catch (ChunkOtaException e)
                when (left > 0 && e is { Code: ErrorCodes.ServerUnavailable, Cause: FailureCause.Proxy })
            {
                continue;
            }
        }
    }

    private sealed class Answer(
        RpcUpdateService service,
        AsyncServerStreamingCall<CheckForUpdateResponse> call,
        StallGuard stall,
        UpdateHeader header,
        OfferedUpdate offer) : IUpdateAnswer
    {
        public OfferedUpdate Offer => offer;

        public async Task<byte[]> ReadManifestAsync(int bytes, CancellationToken cancellationToken)
        {
            if (header.TransferOffset == 0 || service._partial is null)
                service._partial = new PartialTransfer(offer.Manifest ?? default, bytes);
            var partial = service._partial;
            while (await stall.MoveNextAsync(call.ResponseStream, part => part.TransferPiece.Length)
                .ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                partial.Add(call.ResponseStream.Current.TransferPiece.Span);
            }
            if (!partial.IsWhole)
            {
                throw new ChunkOtaException(
                    ErrorCodes.ServerUnavailable, "the server stopped sending the manifest");
            }
            service._partial = null;
            return partial.Bytes;
        }

        public ValueTask DisposeAsync()
        {
            call.Dispose();
            stall.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
