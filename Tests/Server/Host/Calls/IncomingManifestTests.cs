using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>
/// A manifest that comes in pieces, to be committed or to be weighed: what does not add up is refused.
/// </summary>
public sealed class IncomingManifestTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    public static TheoryData<string, string> Faults => new()
    {
        { "", "USAGE" },
        { "P5", "USAGE" },
        { "H10", "USAGE" },
        { "H10 P9", "USAGE" },
        { "H10 H10", "USAGE" },
        { "H10 P5 H10", "USAGE" },
        { "H10 P9 P2", "TOO_LARGE" },
        { "H99999999999", "TOO_LARGE" },
        { "X10", "PUBLISH_UNKNOWN" },
    };

    /// <param name="parts">H a header that announces so many bytes, X one of a publish that is none, P a piece.</param>
    /// <param name="code">The refusal.</param>
    [Theory]
    [MemberData(nameof(Faults))]
    public async Task What_does_not_add_up_is_refused_by_commit_and_by_forecast(string parts, string code)
    {
        using var publisher = await fixture.CreateProductAsync();
        var begun = await publisher.BeginAsync("1.0.0");

        Assert.Equal(code, await CodeOf(() => CommitAsync(publisher, begun, parts)));
        Assert.Equal(code, await CodeOf(() => ForecastAsync(publisher, begun, parts)));
    }

    private static async Task CommitAsync(TestPublisher publisher, BeginPublishResponse begun, string parts)
    {
        using var call = publisher.Publishing.Commit();
        foreach (var (publish, bytes, piece) in Read(begun, parts))
        {
            await call.RequestStream.WriteAsync(publish is null
                ? new CommitRequest { ManifestPiece = piece }
                : new CommitRequest
                {
                    Header = new CommitHeader
                    {
                        PublishId = publish,
                        ManifestEnvelopeBytes = bytes,
                        Pointer = new Envelope()
                    },
                });
        }

        await call.RequestStream.CompleteAsync();
        await call.ResponseAsync;
    }

    private static async Task ForecastAsync(TestPublisher publisher, BeginPublishResponse begun, string parts)
    {
        using var call = publisher.Publishing.ForecastPublish();
        foreach (var (publish, bytes, piece) in Read(begun, parts))
        {
            await call.RequestStream.WriteAsync(publish is null
                ? new ForecastPublishRequest { ManifestPiece = piece }
                : new ForecastPublishRequest
                {
                    Header = new ForecastPublishHeader { PublishId = publish, ManifestEnvelopeBytes = bytes },
                });
        }

        await call.RequestStream.CompleteAsync();
        await call.ResponseAsync;
    }

    private static IEnumerable<(ByteString? Publish, ulong Bytes, ByteString? Piece)> Read(
        BeginPublishResponse begun, string parts)
    {
        foreach (var part in parts.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var bytes = ulong.Parse(part.AsSpan(1), provider: null);
            yield return part[0] switch
            {
                'H' => (begun.PublishId, bytes, null),
                'X' => (ByteString.CopyFrom(new byte[16]), bytes, null),
                _ => (null, 0, ByteString.CopyFrom(new byte[bytes])),
            };
        }
    }

    private static async Task<string> CodeOf(Func<Task> call) =>
        (await Assert.ThrowsAnyAsync<ChunkOtaException>(call)).Code;
}
