using Amazon.S3;
using Amazon.S3.Model;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>A server with a second copy of its objects in a bucket of a real S3 service.</summary>
public sealed class ReplicaBucketTests(RadosgwFixture fixture) : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private AmazonS3Client _client = null!;
    private string _bucket = "";
    private string[] _settings = [];

    public async ValueTask InitializeAsync()
    {
        var service = await fixture.ServiceAsync();
        _bucket = await service.MakeBucketAsync();
        _client = service.Connect();
        _settings = BucketSettings.Of(service.Endpoint, _bucket, _folder["credentials"], "Replica");
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_rotted_or_is_gone_is_fetched_verified_and_put_back()
    {
        await using var rig = await Rig.StartAsync(_settings);
        var tree = await rig.PublishSampleAsync(0, "1.0.0");
        var files = Files(rig);
        foreach (var file in files)
            await CopyAsync(rig, file, await File.ReadAllBytesAsync(file));
        var before = files.Select(File.ReadAllBytes).ToList();
        foreach (var file in files)
        {
            if (file.Contains("recipes", StringComparison.Ordinal)) File.Delete(file);
            else Flip(file);
        }

        (await rig.AdminAsync("verify", "--full")).Succeeded();

        Assert.Equal(before, files.Select(File.ReadAllBytes));
        Assert.Contains(" warn 4088 ", rig.Server.Log, StringComparison.Ordinal);
        (await rig.InstallAsync()).Succeeded();
        SampleTree.AssertSame(tree, rig.Current);
    }

    [Fact]
    public async Task A_device_that_meets_rot_gets_the_release_from_the_copy()
    {
        await using var rig = await Rig.StartAsync(_settings);
        var tree = await rig.PublishSampleAsync(0, "1.0.0");
        foreach (var file in Files(rig))
        {
            await CopyAsync(rig, file, await File.ReadAllBytesAsync(file));
            if (file.Contains("packs", StringComparison.Ordinal)) Flip(file);
        }

        var first = await rig.InstallAsync();
        if (first.ExitCode != 0) (await rig.InstallAsync()).Succeeded();

        SampleTree.AssertSame(tree, rig.Current);
        Assert.Contains(" warn 4088 ", rig.Server.Log, StringComparison.Ordinal);
        (await rig.AdminAsync("verify", "--full")).Succeeded();
    }

    [Fact]
    public async Task A_copy_that_is_rotten_is_not_put_back()
    {
        await using var rig = await Rig.StartAsync(_settings);
        await rig.PublishSampleAsync(0, "1.0.0");
        var pack = Files(rig).First(file => file.Contains("packs", StringComparison.Ordinal));
        Flip(pack);
        var rotten = await File.ReadAllBytesAsync(pack);
        await CopyAsync(rig, pack, rotten);

        Assert.Equal(8, (await rig.AdminAsync("verify", "--full")).ExitCode);

        Assert.Equal(rotten, await File.ReadAllBytesAsync(pack));
        Assert.DoesNotContain(" warn 4088 ", rig.Server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_check_lists_the_copy()
    {
        (await CheckAsync()).Succeeded();
        (await CheckAsync("Replica:S3:Bucket=nowhere")).Refused("STORE_UNAVAILABLE", 8);
        (await CheckAsync("Replica:Folder=/srv/copy")).Refused("CONFIG_INVALID", 2);
    }

    private Task<ProgramRun> CheckAsync(params string[] more) => ProgramRun.RunAsync(
        new Dictionary<string, string?>(), "dotnet",
        [Programs.Server, "config", "check", "--data", _folder["data"], .. _settings, .. more]);

    private async Task CopyAsync(Rig rig, string file, byte[] content) =>
        await _client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = _bucket,
            Key = $"site-a/{Path.GetRelativePath(Path.Combine(rig.Server.Data, "objects"), file)}",
            InputStream = new MemoryStream(content),
        });

    private static List<string> Files(Rig rig) => [.. ((string[])["packs", "manifests", "recipes"]).SelectMany(
        kind => Directory.GetFiles(
            Path.Combine(rig.Server.Data, "objects", kind), "*", SearchOption.AllDirectories))];

    private static void Flip(string file)
    {
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var bytes = File.ReadAllBytes(file);
        // In a manifest the last bytes are its signature.
        bytes[file.Contains("manifests", StringComparison.Ordinal) ? ^1 : bytes.Length / 4] ^= 1;
        File.WriteAllBytes(file, bytes);
    }
}
