using ChunkOta.Admin;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Admin.Publishing;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class ReleaseToPublishTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly PublisherKeys _keys;

    public ReleaseToPublishTests()
    {
        var now = TimeProvider.System.GetUtcNow();
        PublisherKeys.Create(_folder["keys"], now, now.AddDays(1));
        _keys = PublisherKeys.Open(KeySource.Of(_folder["keys"]), "app", needsRelease: true, now);
        Directory.CreateDirectory(_folder["tree/none"]);
        File.WriteAllText(_folder["tree/a"], "a");
        File.WriteAllBytes(_folder["tree/big"], [.. Enumerable.Repeat((byte)1, 600_000)]);
        File.WriteAllText(_folder["tree/c"], "");
        File.CreateSymbolicLink(_folder["tree/link"], "a");
    }

    public void Dispose()
    {
        _keys.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_same_tree_is_the_same_content_however_it_was_cut()
    {
        var published = await PublishedAsync(Options());
        File.SetLastWriteTimeUtc(_folder["tree/a"], DateTime.UnixEpoch);

        await CheckAsync(Options() with { Notes = "other words" }, published);
    }

    [Theory]
    [InlineData("byte")]
    [InlineData("mode")]
    [InlineData("new")]
    [InlineData("gone")]
    [InlineData("link")]
    [InlineData("directory")]
    public async Task Another_tree_under_the_same_version_is_refused(string change)
    {
        var published = await PublishedAsync(Options());
        switch (change)
        {
            case "byte":
                await File.WriteAllTextAsync(_folder["tree/a"], "b");
                break;
            case "mode":
                File.SetUnixFileMode(_folder["tree/a"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
                break;
            case "new":
                await File.WriteAllTextAsync(_folder["tree/z"], "");
                break;
            case "gone":
                File.Delete(_folder["tree/link"]);
                break;
            case "link":
                File.Delete(_folder["tree/link"]);
                File.CreateSymbolicLink(_folder["tree/link"], "big");
                break;
            default:
                Directory.Delete(_folder["tree/none"]);
                break;
        }

        var refused = await Assert.ThrowsAsync<ChunkOtaException>(() => CheckAsync(Options(), published));

        Assert.Equal("VERSION_TAKEN", refused.Code);
    }

    [Fact]
    public async Task Another_claim_about_the_same_tree_is_other_content()
    {
        var published = await PublishedAsync(Options());

        var portable = await Assert.ThrowsAsync<ChunkOtaException>(
            () => CheckAsync(Options() with { IsPortable = false }, published));
        var links = await Assert.ThrowsAsync<ChunkOtaException>(
            () => CheckAsync(Options() with { KeepsLinks = true }, published));

        Assert.Equal(("VERSION_TAKEN", "VERSION_TAKEN"), (portable.Code, links.Code));
    }

    [Fact]
    public async Task The_next_release_counts_one_further_and_never_lowers_the_floor()
    {
        var newest = await PublishedAsync(Options() with { Floor = 1 });

        var next = await PublishedAsync(Options() with { Version = "1.0.1" }, newest);

        Assert.Equal((2UL, 1UL), (next.Value.Counter, next.Value.Floor));
    }

    [Fact]
    public async Task A_floor_above_the_release_itself_is_a_usage_error()
    {
        var refused = await Assert.ThrowsAsync<ChunkOtaException>(() => PublishedAsync(Options() with { Floor = 2 }));

        Assert.Equal("USAGE", refused.Code);
    }

    private PublishOptions Options() => new()
    {
        Directory = _folder["tree"],
        Product = "app",
        Version = "1.0.0",
        Platform = "linux-x64",
        Channel = "stable",
        KeysDirectory = _folder["keys"],
    };

    private async Task<VerifiedManifest> PublishedAsync(PublishOptions options, VerifiedManifest? newest = null)
    {
        using var tree = SourceTree.Scan(options.Directory);
        var digests = await FileHasher.HashAsync(tree, new CountingProgress(), CancellationToken.None);
        var recipes = digests.Distinct().ToDictionary(
            digest => digest, digest => digest == digests[1] ? Digest.Of("some recipe"u8) : (Digest?)null);
        return new ReleaseToPublish(options, tree, digests).Sign(Begun(newest), recipes, _keys, TimeProvider.System);
    }

    private static async Task CheckAsync(PublishOptions options, VerifiedManifest published)
    {
        using var tree = SourceTree.Scan(options.Directory);
        var digests = await FileHasher.HashAsync(tree, new CountingProgress(), CancellationToken.None);
        new ReleaseToPublish(options, tree, digests).CheckSameAs(published);
    }

    private static BegunPublish Begun(VerifiedManifest? newest) => new()
    {
        Id = Google.Protobuf.ByteString.Empty,
        Cut = CutParameters.Default,
        Newest = newest,
        IsNewestTrusted = newest is not null,
        UnknownEntries = new HashSet<int>(),
        Pointer = null,
        History = PointerHistory.Empty,
        Existing = null,
        ServerTime = DateTimeOffset.UnixEpoch,
        MaxReleaseBytes = 0,
    };
}
