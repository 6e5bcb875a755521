using ChunkOta.Chunking;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>Every refused publish leaves the newest release as it was, and the next honest publish succeeds.</summary>
public sealed class PublishRefusalsTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly Tree Content = Tree.Of(("bin/app", 501, 400_000), ("readme", 502, 100));

    [Fact]
    public async Task Chunks_that_were_not_sent_are_named_with_their_file()
    {
        var publisher = await fixture.CreateProductAsync();
        await AssertHealsAsync(publisher, ErrorCodes.ReleaseIncomplete, async () =>
        {
            var tree = Tree.Of(("bin/app", 511, 400_000), ("readme", 512, 100));
            var begun = await publisher.BeginAsync("2.0.0");
            await publisher.SendRecipesAsync(begun, tree);
            await publisher.SendFramesAsync(begun, [.. tree.Files[0].Chunks.Skip(1)]);
            await publisher.CommitAsync(begun, publisher.ManifestOf(begun, "2.0.0", tree));
        }, "bin/app");
    }

    [Fact]
    public async Task Recipes_that_were_not_sent_are_named_with_their_file()
    {
        var publisher = await fixture.CreateProductAsync();
        await AssertHealsAsync(publisher, ErrorCodes.ReleaseIncomplete, async () =>
        {
            var tree = Tree.Of(("lib/x", 521, 400_000));
            var begun = await publisher.BeginAsync("2.0.0");
            await publisher.SendFramesAsync(begun, tree.Files[0].Chunks);
            await publisher.CommitAsync(begun, publisher.ManifestOf(begun, "2.0.0", tree));
        }, "lib/x");
    }

    [Fact]
    public async Task A_recipe_that_does_not_make_its_file_is_refused()
    {
        var publisher = await fixture.CreateProductAsync();
        await AssertHealsAsync(publisher, ErrorCodes.ManifestInvalid, async () =>
        {
            var begun = await publisher.BeginAsync("2.0.0");
            await publisher.SendAsync(begun, Content);
            var manifest = publisher.ManifestOf(begun, "2.0.0", Content);
            manifest.Entries[0].Size += 1;
            await publisher.CommitAsync(begun, manifest);
        });
    }

    [Fact]
    public async Task A_manifest_signed_by_another_key_is_refused()
    {
        var publisher = await fixture.CreateProductAsync();
        await AssertHealsAsync(publisher, ErrorCodes.SigInvalid, () => CommitAsync(publisher, sign: (payload, _) =>
            SignedDocument.Sign(PayloadTypes.Manifest, payload.Span, publisher.Keys.ChannelKey)));
    }

    [Fact]
    public async Task A_manifest_changed_after_signing_is_refused()
    {
        var publisher = await fixture.CreateProductAsync();
        await AssertHealsAsync(publisher, ErrorCodes.SigInvalid, () => CommitAsync(publisher, sign: (payload, keys) =>
        {
            var envelope = SignedDocument.Sign(PayloadTypes.Manifest, payload.Span, keys.ReleaseKey);
            var bytes = payload.ToByteArray();
            bytes[^3] ^= 1;
            envelope.Payload = ByteString.CopyFrom(bytes);
            return envelope;
        }));
    }

    [Fact]
    public async Task A_pointer_signed_by_another_key_is_refused()
    {
        var publisher = await fixture.CreateProductAsync();
        await AssertHealsAsync(
            publisher, ErrorCodes.SigInvalid, () => CommitAsync(publisher, signPointer: (bytes, keys) =>
            SignedDocument.Sign(PayloadTypes.Pointer, bytes.Span, keys.ReleaseKey)));
    }

    [Fact]
    public async Task A_path_that_escapes_is_refused()
    {
        var publisher = await fixture.CreateProductAsync();
        await AssertHealsAsync(publisher, ErrorCodes.PathDotdot, () => CommitAsync(
            publisher, change: manifest => manifest.Entries[0].Path = "../app"));
    }

    [Fact]
    public async Task Files_cut_otherwise_than_the_products_are_refused()
    {
        var publisher = await fixture.CreateProductAsync();
        await AssertHealsAsync(publisher, ErrorCodes.ManifestInvalid, () => CommitAsync(
            publisher, change: manifest => manifest.Cut.Seed = 1));
    }

    [Theory]
    [InlineData("product")]
    [InlineData("platform")]
    [InlineData("version")]
    public async Task A_manifest_for_something_else_is_refused(string what)
    {
        var publisher = await fixture.CreateProductAsync();
        await AssertHealsAsync(publisher, ErrorCodes.WrongTarget, () => CommitAsync(publisher, change: manifest =>
        {
            if (what == "product") manifest.Product = "other";
            else if (what == "platform") manifest.Platform = "any";
            else manifest.Version = "3.0.0";
        }));
    }

    [Theory]
    [InlineData("channel")]
    [InlineData("platform")]
    [InlineData("digest")]
    [InlineData("length")]
    [InlineData("counter")]
    public async Task A_pointer_to_something_else_is_refused(string what)
    {
        var publisher = await fixture.CreateProductAsync();
        await AssertHealsAsync(publisher, ErrorCodes.WrongTarget, () => CommitAsync(publisher, changePointer: pointer =>
        {
            if (what == "channel") pointer.Channel = "beta";
            else if (what == "platform") pointer.Platform = "any";
            else if (what == "digest") pointer.Current.ManifestDigest = Digest.Of("other"u8).ToByteString();
            else if (what == "length") pointer.Current.ManifestBytes += 1;
            else pointer.Current.Counter += 1;
        }));
    }

    [Fact]
    public async Task An_expired_pointer_is_refused()
    {
        var publisher = await fixture.CreateProductAsync();
        await AssertHealsAsync(publisher, ErrorCodes.Expired, () => CommitAsync(publisher, changePointer: pointer =>
        {
            pointer.IssuedUnixSeconds -= 100_000;
            pointer.ExpiresUnixSeconds = pointer.IssuedUnixSeconds + 10;
        }));
    }

    [Fact]
    public async Task A_counter_that_is_taken_is_refused_and_a_new_signature_is_enough()
    {
        using var publisher = await fixture.CreateProductAsync();
        var one = await publisher.BeginAsync("1.0.0");
        var other = await publisher.BeginAsync("1.1.0", "beta");
        await publisher.SendAsync(one, Content);
        var late = publisher.ManifestOf(other, "1.1.0", Content);
        await publisher.CommitAsync(one, publisher.ManifestOf(one, "1.0.0", Content));

        await AssertCodeAsync(ErrorCodes.CounterTaken, () => publisher.CommitAsync(other, late, "beta"));

        late.Counter = 2;
        await publisher.CommitAsync(other, late, "beta");
    }

    [Fact]
    public async Task A_pointer_number_that_is_taken_is_refused()
    {
        var publisher = await fixture.CreateProductAsync();
        await AssertHealsAsync(publisher, ErrorCodes.SeqTaken, () => CommitAsync(
            publisher, changePointer: pointer => pointer.Seq = 1));
    }

    [Fact]
    public async Task Other_content_under_a_published_version_is_refused()
    {
        var publisher = await fixture.CreateProductAsync();
        await AssertHealsAsync(publisher, ErrorCodes.VersionTaken, () =>
            publisher.PublishAsync("1.0.0", Tree.Of(("bin/app", 599, 10))));
    }

    [Fact]
    public async Task The_same_manifest_again_is_fine_and_says_so()
    {
        using var publisher = await fixture.CreateProductAsync();
        var begun = await publisher.BeginAsync("1.0.0");
        await publisher.SendAsync(begun, Content);
        var manifest = publisher.ManifestOf(begun, "1.0.0", Content);
        // Signed once: a pointer that is signed again in the next second is another one.
        var (envelope, pointer) = publisher.Sign(begun, manifest);
        var first = await publisher.CommitAsync(begun, envelope, pointer);

        var repeated = await publisher.CommitAsync(begun, envelope, pointer);
        var again = await publisher.BeginAsync("1.0.0");
        var moved = await publisher.CommitAsync(again, manifest);

        Assert.False(first.AlreadyPublished);
        Assert.True(repeated.AlreadyPublished);
        Assert.True(moved.AlreadyPublished);
        Assert.Equal(first.ManifestDigest, moved.ManifestDigest);
        Assert.Equal(first.Figures, moved.Figures);
        Assert.Equal(first.ManifestDigest, again.ExistingManifest.Digest);
        var channels =
            await publisher.Administration.ListChannelsAsync(new ListChannelsRequest { Product = publisher.Product });
        Assert.Equal(2UL, ChannelPointer.Parser.ParseFrom(channels.Channels[0].Pointer.Payload).Seq);
    }

    [Theory]
    [InlineData(3_000, 1_000, ErrorCodes.PointerInvalid)]
    [InlineData(10_001, 1, ErrorCodes.Usage)]
    [InlineData(600, 30_000, ErrorCodes.TooLarge)]
    public async Task Pointers_are_taken_in_many_messages_up_to_a_limit(int count, int bytes, string code)
    {
        using var publisher = await fixture.CreateProductAsync();
        var request = new PutPointersRequest();
        for (var i = 0; i < count; i++)
        {
            request.Pointers.Add(new Envelope
            {
                PayloadType = PayloadTypes.Pointer,
                Payload = ByteString.CopyFrom(new byte[bytes]),
            });
        }

        await AssertCodeAsync(code, () => publisher.Administration.PutPointersAsync(request));
    }

    [Fact]
    public async Task A_version_that_is_not_greater_is_refused_at_once_unless_older_ones_are_allowed()
    {
        using var publisher = await fixture.CreateProductAsync();
        await publisher.PublishAsync("2.0.0", Content);

        await AssertCodeAsync(ErrorCodes.VersionNotGreater, () => publisher.BeginAsync("1.9.9"));
        await AssertCodeAsync(ErrorCodes.VersionNotGreater, () => publisher.BeginAsync("2.0.0-rc.1"));

        await publisher.BeginAsync("1.9.9", channel: "old");
        var begun = await publisher.BeginAsync("1.9.9", allowOlder: true);
        await publisher.SendAsync(begun, Content);
        await publisher.CommitAsync(begun, publisher.ManifestOf(begun, "1.9.9", Content));
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("v1.0.0")]
    [InlineData("1.0.0+build")]
    public async Task A_version_that_is_none_is_refused(string version)
    {
        using var publisher = await fixture.CreateProductAsync();

        await AssertCodeAsync(ErrorCodes.VersionInvalid, () => publisher.BeginAsync(version));
    }

    [Fact]
    public async Task A_publish_that_was_never_begun_is_unknown()
    {
        using var publisher = await fixture.CreateProductAsync();
        var begun = new BeginPublishResponse { PublishId = ByteString.CopyFrom(Guid.NewGuid().ToByteArray()) };

        await AssertCodeAsync(ErrorCodes.PublishUnknown, () => publisher.FindMissingAsync(begun, [Digest.Of([])]));
        await AssertCodeAsync(ErrorCodes.PublishUnknown, () =>
            publisher.SendFramesAsync(begun, Content.Files[0].Chunks));
        await AssertCodeAsync(ErrorCodes.PublishUnknown, () => publisher.SendRecipesAsync(begun, Content));
        begun.PublishId = ByteString.CopyFromUtf8("short");
        await AssertCodeAsync(ErrorCodes.PublishUnknown, () => publisher.FindMissingAsync(begun, [Digest.Of([])]));
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("lengths too short")]
    [InlineData("lengths too long")]
    [InlineData("an empty chunk")]
    [InlineData("a cut off frame")]
    public async Task A_frame_that_is_none_is_refused_and_stores_nothing(string fault)
    {
        using var publisher = await fixture.CreateProductAsync();
        var begun = await publisher.BeginAsync("1.0.0");
        using var encoder = new ZstdEncoder(3);
        var (frame, lengths) = Frames.Encode([VerifiedChunk.Of(new byte[30_000])], encoder);
        (frame, lengths) = fault switch
        {
            "garbage" => (Tree.Bytes(1, 1000), lengths),
            "lengths too short" => (frame, [29_999u]),
            "lengths too long" => (frame, [30_001u]),
            "an empty chunk" => (frame, [0u, 30_000u]),
            _ => (frame[..^1], lengths),
        };

        await AssertCodeAsync(ErrorCodes.FrameInvalid, async () =>
        {
            using var call = publisher.Chunks.PutFrames(default);
            await call.RequestStream.WriteAsync(new PushedFrame(begun.PublishId.Memory, lengths, frame));
            await call.RequestStream.CompleteAsync();
            await call.ResponseAsync;
        });
        Assert.True(Assert.Single(await publisher.FindMissingAsync(begun, [Digest.Of(new byte[30_000])])));
    }

    private static async Task CommitAsync(
        TestPublisher publisher,
        Action<Manifest>? change = null,
        Action<ChannelPointer>? changePointer = null,
        Func<ByteString, TestKeys, Envelope>? sign = null,
        Func<ByteString, TestKeys, Envelope>? signPointer = null)
    {
        var begun = await publisher.BeginAsync("2.0.0");
        await publisher.SendAsync(begun, Content);
        var manifest = publisher.ManifestOf(begun, "2.0.0", Content);
        change?.Invoke(manifest);
        var payload = manifest.ToByteString();
        var pointer = publisher.PointerTo(begun, payload, manifest);
        changePointer?.Invoke(pointer);
        sign ??= (bytes, keys) => SignedDocument.Sign(PayloadTypes.Manifest, bytes.Span, keys.ReleaseKey);
        signPointer ??= (bytes, keys) => SignedDocument.Sign(PayloadTypes.Pointer, bytes.Span, keys.ChannelKey);
        await publisher.CommitAsync(
            begun, sign(payload, publisher.Keys), signPointer(pointer.ToByteString(), publisher.Keys));
    }

    private static async Task AssertHealsAsync(
        TestPublisher publisher, string code, Func<Task> attempt, string mention = "")
    {
        using (publisher)
        {
            await publisher.PublishAsync("1.0.0", Content);

            var failure = await AssertCodeAsync(code, attempt);

            Assert.Contains(mention, failure.Message, StringComparison.Ordinal);
            var releases =
                await publisher.Releases.ListReleasesAsync(new ListReleasesRequest { Product = publisher.Product });
            Assert.Equal("1.0.0", Assert.Single(releases.Releases).Version);
            await publisher.PublishAsync("2.0.0", Content);
        }
    }

    private static async Task<ChunkOtaException> AssertCodeAsync(string code, Func<Task> attempt)
    {
        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(attempt);
        Assert.Equal(code, failure.Code);
        return failure;
    }
}
