using ChunkOta.Agent;
using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.State;

public sealed class ManifestStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(".manifest")]
    [InlineData(".recipes")]
    public void A_file_that_has_grown_beyond_any_limit_is_as_good_as_none(string suffix)
    {
        var home = new ProductHome(_folder["app"]);
        Directory.CreateDirectory(home.Manifests);
        var digest = Digest.Of("release"u8);
        using (var file = File.Create(Path.Combine(home.Manifests, $"{digest}{suffix}")))
            file.SetLength(2L << 30);
        var store = new ManifestStore(home);

        Assert.Null(store.FindEnvelope(digest));
        Assert.Null(store.FindContents(digest));
        Assert.NotNull(store.FindRecipes(digest));
    }
}
