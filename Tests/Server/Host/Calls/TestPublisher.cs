using ChunkOta.Chunking;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>Publishes small trees, call by call, so that a test can do any of them wrong.</summary>
internal sealed class TestPublisher(ServerConnection connection, TestKeys keys, string product) : IDisposable
{
    public const string Platform = "linux-x64";
    public const string Channel = "stable";

    public Publishing.PublishingClient Publishing { get; } = new(connection.Invoker);

    public ChunksClient Chunks { get; } = new(connection.Invoker);

    public Releases.ReleasesClient Releases { get; } = new(connection.Invoker);

    public Administration.AdministrationClient Administration { get; } = new(connection.Invoker);

    public TestKeys Keys => keys;

    public string Product => product;

    public void Dispose()
    {
        connection.Dispose();
        keys.Dispose();
    }

    /// <summary>The whole of a publish.</summary>
    public async Task<CommitResponse> PublishAsync(string version, Tree tree, string channel = Channel)
    {
        var begun = await BeginAsync(version, channel);
        await SendAsync(begun, tree);
        return await CommitAsync(begun, ManifestOf(begun, version, tree), channel);
    }

    public async Task<BeginPublishResponse> BeginAsync(
        string version, string channel = Channel, bool allowOlder = false) =>
        await Publishing.BeginPublishAsync(new BeginPublishRequest
        {
            Product = product,
            Platform = Platform,
            Version = version,
            Channel = channel,
            AllowOlder = allowOlder,
            // The guards have tests of their own.
            AllowEmpty = true,
            AllowShrink = true,
            CreateChannel = true,
            NewPlatform = true,
        });

    /// <summary>Sends every chunk that the server lacks, and all recipes.</summary>
    public async Task<PutFramesResponse> SendAsync(BeginPublishResponse begun, Tree tree)
    {
        var chunks = tree.Files.SelectMany(file => file.Chunks).DistinctBy(chunk => chunk.Hash).ToList();
        var missing = await FindMissingAsync(begun, [.. chunks.Select(chunk => chunk.Hash)]);
        var sent = await SendFramesAsync(begun, [.. chunks.Where((_, index) => missing[index])]);
        await SendRecipesAsync(begun, tree);
        return sent;
    }

    public async Task<bool[]> FindMissingAsync(BeginPublishResponse begun, IReadOnlyList<Digest> hashes)
    {
        var answer = await Publishing.FindMissingAsync(new FindMissingRequest
        {
            PublishId = begun.PublishId,
            Hashes = ByteString.CopyFrom([.. hashes.SelectMany(hash => hash.ToArray())]),
        });
        return [.. hashes.Select((_, index) => (answer.Missing[index / 8] >> (index % 8) & 1) == 1)];
    }

    public async Task<PutFramesResponse> SendFramesAsync(
        BeginPublishResponse begun, params IReadOnlyList<VerifiedChunk>[] batches)
    {
        using var call = Chunks.PutFrames(default);
        using var encoder = new ZstdEncoder(3);
        foreach (var group in batches.SelectMany(Frames.Group))
        {
            var (frame, lengths) = Frames.Encode(group, encoder);
            await call.RequestStream.WriteAsync(new PushedFrame(begun.PublishId.Memory, lengths, frame));
        }

        await call.RequestStream.CompleteAsync();
        return await call.ResponseAsync;
    }

    public async Task SendRecipesAsync(BeginPublishResponse begun, Tree tree)
    {
        using var call = Publishing.PutRecipes();
        foreach (var recipe in tree.Files.Select(file => file.Recipe).OfType<Recipe>())
        {
            await call.RequestStream.WriteAsync(new PutRecipesRequest
            {
                PublishId = begun.PublishId,
                Piece = ByteString.CopyFrom(recipe.ToBytes()),
                Ends = true,
            });
        }

        await call.RequestStream.CompleteAsync();
        await call.ResponseAsync;
    }

    /// <summary>The manifest as an honest publisher makes it.</summary>
    public Manifest ManifestOf(BeginPublishResponse begun, string version, Tree tree) => new()
    {
        Product = product,
        Platform = Platform,
        Version = version,
        Counter = NewestCounter(begun) + 1,
        PublishedUnixSeconds = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
        Cut = begun.Cut,
        Portable = true,
        Entries = { tree.Files.Select(file => file.Entry.Clone()) },
    };

    public ChannelPointer PointerTo(
        BeginPublishResponse begun, ByteString payload, Manifest manifest, string channel = Channel) => new()
        {
            Product = product,
            Platform = Platform,
            Channel = channel,
            Seq = begun.Pointer is null ? 1 : ChannelPointer.Parser.ParseFrom(begun.Pointer.Payload).Seq + 1,
            IssuedUnixSeconds = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
            ExpiresUnixSeconds = TimeProvider.System.GetUtcNow().AddDays(7).ToUnixTimeSeconds(),
            Current = new PointerTarget
            {
                ManifestDigest = Digest.Of(payload.Span).ToByteString(),
                ManifestBytes = (ulong)payload.Length,
                Counter = manifest.Counter,
                Version = manifest.Version,
            },
        };

    /// <summary>Signs a manifest, and the pointer that names it.</summary>
    public (Envelope Manifest, Envelope Pointer) Sign(
        BeginPublishResponse begun, Manifest manifest, string channel = Channel)
    {
        var payload = manifest.ToByteString();
        return (
            SignedDocument.Sign(PayloadTypes.Manifest, payload.Span, keys.ReleaseKey),
            SignedDocument.Sign(
                PayloadTypes.Pointer, PointerTo(begun, payload, manifest, channel).ToByteArray(), keys.ChannelKey));
    }

    public async Task<CommitResponse> CommitAsync(
        BeginPublishResponse begun, Manifest manifest, string channel = Channel)
    {
        var (envelope, pointer) = Sign(begun, manifest, channel);
        return await CommitAsync(begun, envelope, pointer);
    }

    public async Task<CommitResponse> CommitAsync(BeginPublishResponse begun, Envelope manifest, Envelope pointer)
    {
        var bytes = manifest.ToByteString();
        using var call = Publishing.Commit();
        await call.RequestStream.WriteAsync(new CommitRequest
        {
            Header = new CommitHeader
            {
                PublishId = begun.PublishId,
                ManifestEnvelopeBytes = (ulong)bytes.Length,
                Pointer = pointer,
            },
        });
        for (var at = 0; at < bytes.Length; at += 100_000)
        {
            await call.RequestStream.WriteAsync(new CommitRequest
            {
                ManifestPiece = ByteString.CopyFrom(bytes.Span.Slice(at, Math.Min(100_000, bytes.Length - at))),
            });
        }

        await call.RequestStream.CompleteAsync();
        return await call.ResponseAsync;
    }

    private ulong NewestCounter(BeginPublishResponse begun)
    {
        if (begun.NewestManifest is null) return 0;
        var page = Releases.ListReleases(
            new ListReleasesRequest { Product = product, Platform = Platform, PageSize = 1 });
        return page.Releases[0].Counter;
    }
}
