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

    [Fact]
    public async Task A_frame_is_read_against_a_release_of_the_product_alone()
    {
        using var publisher = await fixture.CreateProductAsync();
        using var other = await fixture.CreateProductAsync();
        var tree = Tree.Of(("file", 1, 1000));
        var ours = (await publisher.PublishAsync("1.0.0", tree)).ManifestDigest;
        var theirs = (await other.PublishAsync("1.0.0", tree)).ManifestDigest;
        var begun = await publisher.BeginAsync("1.0.1");
        var garbage = ByteString.CopyFrom(new byte[50]);

        Assert.Equal("RELEASE_UNKNOWN", await CodeOf(() => CommitFrameAsync(publisher, begun, theirs, garbage, 100)));
        Assert.Equal("RELEASE_UNKNOWN", await CodeOf(
            () => CommitFrameAsync(publisher, begun, ByteString.CopyFrom(new byte[32]), garbage, 100)));
        Assert.Equal("RELEASE_UNKNOWN", await CodeOf(
            () => CommitFrameAsync(publisher, begun, ByteString.CopyFromUtf8("short"), garbage, 100)));
        Assert.Equal("FRAME_INVALID", await CodeOf(() => CommitFrameAsync(publisher, begun, ours, garbage, 100)));
        Assert.Equal("TOO_LARGE", await CodeOf(
            () => CommitFrameAsync(publisher, begun, ours, ByteString.CopyFrom(new byte[2000]), 100)));
        Assert.Equal("TOO_LARGE", await CodeOf(
            () => CommitFrameAsync(publisher, begun, ours, garbage, 99_999_999_999)));
    }

    private static async Task CommitFrameAsync(
        TestPublisher publisher, BeginPublishResponse begun, ByteString baseManifest, ByteString frame,
        ulong envelopeBytes)
    {
        using var call = publisher.Publishing.Commit();
        await call.RequestStream.WriteAsync(new CommitRequest
        {
            Header = new CommitHeader
            {
                PublishId = begun.PublishId,
                ManifestEnvelopeBytes = envelopeBytes,
                Pointer = new Envelope(),
                Frame = new ManifestFrame { Bytes = (ulong)frame.Length, BaseManifestDigest = baseManifest },
            },
        });
        await call.RequestStream.WriteAsync(new CommitRequest { ManifestPiece = frame });
        await call.RequestStream.CompleteAsync();
        await call.ResponseAsync;
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
