using ChunkOta.Admin;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;
using Google.Protobuf;

namespace ChunkOta.Tests.Admin.Publishing;

public sealed class ReleaseDocumentsTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("CON", "PATH_NOT_PORTABLE")]
    [InlineData("a:b", "PATH_NOT_PORTABLE")]
    [InlineData("dot.", "PATH_NOT_PORTABLE")]
    [InlineData("A", "PATH_COLLISION")]
    [InlineData("new\nline", "PATH_CHARS")]
    public void A_path_that_devices_would_refuse_is_refused_before_anything_is_hashed(string name, string code)
    {
        Write("tree/a");
        Write($"tree/{name}");

        var refused = Assert.ThrowsAny<ChunkOtaException>(() =>
        {
            // What no release can hold is refused by the scan itself.
            using var tree = SourceTree.Scan(_folder["tree"]);
            ReleaseDocuments.CheckPaths(Options(), tree, TimeProvider.System);
        });

        Assert.Equal(code, refused.Code);
    }

    [Theory]
    [InlineData("CON")]
    [InlineData("a:b")]
    [InlineData("A")]
    public void Portability_may_be_waived(string name)
    {
        Write("tree/a");
        Write($"tree/{name}");
        using var tree = SourceTree.Scan(_folder["tree"]);

        ReleaseDocuments.CheckPaths(Options() with { IsPortable = false }, tree, TimeProvider.System);
    }

    [Theory]
    [InlineData("/etc/passwd", "LINK_ABSOLUTE")]
    [InlineData("../../out", "LINK_ESCAPE")]
    [InlineData("none", "LINK_DANGLING")]
    [InlineData("link", "LINK_LOOP")]
    public void Links_that_leave_the_tree_or_point_nowhere_are_refused_or_kept(string target, string code)
    {
        Write("tree/file");
        File.CreateSymbolicLink(_folder["tree/link"], target);
        using var tree = SourceTree.Scan(_folder["tree"]);

        var refused = Assert.ThrowsAny<ChunkOtaException>(
            () => ReleaseDocuments.CheckPaths(Options(), tree, TimeProvider.System));

        Assert.Equal(code, refused.Code);
        ReleaseDocuments.CheckPaths(Options() with { KeepsLinks = true }, tree, TimeProvider.System);
    }

    [Fact]
    public void A_large_file_passes_the_early_check()
    {
        Directory.CreateDirectory(_folder["tree"]);
        using (var file = File.Create(_folder["tree/large"]))
            file.SetLength(10_000_000);
        using var tree = SourceTree.Scan(_folder["tree"]);

        ReleaseDocuments.CheckPaths(Options(), tree, TimeProvider.System);
    }

    [Fact]
    public void A_pointer_follows_the_last_one_and_keeps_its_floor()
    {
        using var keys = Keys();
        var manifest = Manifest(keys, counter: 5);
        var previous = PointerDocuments.Sign(new ChannelPointer(
            PointerDocuments.Following(null, "stable", manifest, Now, TimeSpan.FromDays(7)))
        {
            Seq = 41,
            Floor = 3,
            Revoked = { ByteString.CopyFrom(new byte[32]) },
        }, keys);

        var next = PointerDocuments.Sign(
            PointerDocuments.Following(previous.Value, "stable", manifest, Now.AddDays(1), TimeSpan.FromHours(12)),
            keys);

        next.CheckFollows(previous);
        Assert.Equal((42UL, 3UL), (next.Value.Seq, next.Value.Floor));
        Assert.Equal((Now.AddDays(1), Now.AddDays(1.5)), (next.Issued, next.Expires));
        Assert.Equal(manifest.Digest.ToByteString(), next.Value.Current.ManifestDigest);
        Assert.Equal((ulong)manifest.PayloadBytes, next.Value.Current.ManifestBytes);
    }

    [Fact]
    public void A_renewed_pointer_differs_in_number_and_dates_alone()
    {
        using var keys = Keys();
        var first = PointerDocuments.Sign(
            PointerDocuments.Following(null, "stable", Manifest(keys, counter: 1), Now, TimeSpan.FromDays(7)), keys);

        var renewed = PointerDocuments.Renewed(first.Value, Now.AddDays(2), TimeSpan.FromDays(7));

        Assert.Equal(2UL, renewed.Seq);
        Assert.Equal(Now.AddDays(9).ToUnixTimeSeconds(), renewed.ExpiresUnixSeconds);
        Assert.Equal(first.Value, new ChannelPointer(renewed)
        {
            Seq = 1,
            IssuedUnixSeconds = first.Value.IssuedUnixSeconds,
            ExpiresUnixSeconds = first.Value.ExpiresUnixSeconds,
        });
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(long.MaxValue)]
    public void No_pointer_follows_the_last_number_there_is(ulong seq)
    {
        using var keys = Keys();
        var manifest = Manifest(keys, counter: 5);
        var last = PointerDocuments.Following(null, "stable", manifest, Now, TimeSpan.FromDays(7));
        last.Seq = seq;

        var failures = new[]
        {
            Assert.Throws<ChunkOtaException>(() => PointerDocuments.Renewed(last, Now, TimeSpan.FromDays(7))),
            Assert.Throws<ChunkOtaException>(
                () => PointerDocuments.Following(last, "stable", manifest, Now, TimeSpan.FromDays(7))),
        };

        Assert.All(failures, failure => Assert.Equal("POINTER_INVALID", failure.Code));
        Assert.Contains($"it has the number {seq}, ", failures[0].Message, StringComparison.Ordinal);
    }

    private static PublishOptions Options() => new()
    {
        Directory = "tree",
        Product = "app",
        Version = "1.0.0",
        Platform = "linux-x64",
        Channel = "stable",
        KeysDirectory = "keys",
    };

    private static VerifiedManifest Manifest(PublisherKeys keys, ulong counter) => ReleaseDocuments.Sign(
        ReleaseDocuments.Manifest(Options(), CutParameters.Default, counter, Now, 0, []), keys);

    private PublisherKeys Keys()
    {
        PublisherKeys.Create(_folder["keys"], Now, Now.AddDays(365));
        return PublisherKeys.Open(KeySource.Of(_folder["keys"]), "app", needsRelease: true, Now);
    }

    private void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllText(_folder[path], path);
    }
}
