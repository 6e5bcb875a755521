using ChunkOta.Chunking;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;
using Google.Protobuf;
using Grpc.Core;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>A device that enrols and fetches as agents do, and verifies all it gets.</summary>
internal sealed class TestDevice : ICallAuthorization, IDisposable
{
    private readonly SigningKey _key = SigningKey.Generate();
    private ServerConnection? _connection;

    public string Id { get; private set; } = "";

    public TimeSpan ClockError { get; set; }

    public (string Name, string Value)? HeaderFor(string method, string authority) =>
        Id.Length == 0
            ? null
            : (DeviceCall.HeaderName,
                DeviceCall.Sign(_key, Id, method, authority, TimeProvider.System.GetUtcNow() + ClockError));

    public Devices.DevicesClient Devices => new(_connection!.Invoker);

    public Releases.ReleasesClient Releases => new(_connection!.Invoker);

    public ChunksClient Chunks => new(_connection!.Invoker);

    public void Dispose()
    {
        _connection?.Dispose();
        _key.Dispose();
    }

    public void Connect(ServerProcess server)
    {
        _connection?.Dispose();
        _connection = server.Connect(this);
    }

    public async Task<EnrolResponse> EnrolAsync(ServerProcess server, string installToken)
    {
        Connect(server);
        var answer = await Devices.EnrolAsync(EnrolRequestFor(InstallToken.Parse(installToken)));
        Id = answer.DeviceId;
        return answer;
    }

    public EnrolRequest EnrolRequestFor(InstallToken token)
    {
        byte[] body = [.. token.Id.Span, .. _key.PublicKey.Span];
        return new EnrolRequest
        {
            TokenId = ByteString.CopyFrom(token.Id.Span),
            TokenSecret = ByteString.CopyFrom(token.Secret.Span),
            PublicKey = ByteString.CopyFrom(_key.PublicKey.Span),
            Proof = ByteString.CopyFrom(_key.Sign(SignedDocument.SignedBytes(PayloadTypes.Enrol, body))),
            Platform = TestPublisher.Platform,
            AgentVersion = "test",
        };
    }

    public async Task<(UpdateHeader Header, byte[] Transfer)> CheckAsync(CheckForUpdateRequest request)
    {
        using var call = Devices.CheckForUpdate(request);
        UpdateHeader? header = null;
        var transfer = new List<byte>();
        await foreach (var part in call.ResponseStream.ReadAllAsync())
        {
            if (part.PartCase == CheckForUpdateResponse.PartOneofCase.Header) header = part.Header;
            else transfer.AddRange(part.TransferPiece);
        }

        return (header!, [.. transfer]);
    }

    /// <summary>Asks for chunks and returns each, verified against the tree,
    /// with the frames that brought them.</summary>
    public async Task<(Dictionary<(uint Entry, uint Number), byte[]> Chunks, List<int> FrameBytes)> FetchAsync(
        ByteString manifest, Tree tree, params ChunkRun[] wants)
    {
        using var decoder = new ZstdDecoder();
        var chunks = new Dictionary<(uint, uint), byte[]>();
        var frames = new List<int>();
        using var call =
            Chunks.FetchChunks(new FetchChunksRequest { ManifestDigest = manifest, Wants = { wants } }, default);
        await foreach (var message in call.ResponseStream.ReadAllAsync())
        {
            using (message)
            {
                frames.Add(message.Frame.Length);
                using var decoded = ChunkFrame.Decode(message.Frame, decoder);
                var at = 0;
                foreach (var span in message.ReadSpans())
                {
                    at += (int)span.SkippedBytes;
                    for (var number = span.First; number < span.First + span.Count; number++)
                    {
                        var chunk = tree.Files[(int)span.Entry].Chunks[(int)number].Ref;
                        chunks.Add((span.Entry, number), decoded.VerifyAt(at, chunk).Plain.ToArray());
                        at += chunk.Length;
                    }
                }

                Assert.Equal(decoded.Plain.Length, at);
            }
        }

        return (chunks, frames);
    }

    public static ChunkRun Run(uint entry, uint first, uint count) =>
        new() { Entry = entry, First = first, Count = count };
}
