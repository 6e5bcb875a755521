using ChunkOta.Tests.Support;

[assembly: AssemblyFixture(typeof(RadosgwFixture))]

namespace ChunkOta.Tests.EndToEnd;

/// <summary>A server whose objects are in a bucket of a real S3 service.</summary>
public sealed class S3ServerTests(RadosgwFixture fixture) : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private Radosgw _service = null!;
    private string[] _settings = [];

    public async ValueTask InitializeAsync()
    {
        _service = await fixture.ServiceAsync();
        _settings = BucketSettings.Of(_service.Endpoint, await _service.MakeBucketAsync(), _folder["credentials"]);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Releases_are_published_installed_and_upgraded_by_delta_and_an_outage_passes()
    {
        await using var rig = await Rig.StartAsync(["Deltas:Workers=1", .. _settings]);
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        SampleTree.AssertSame(first, rig.Current);
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.AdminAsync("deltas", "app", "--wait")).Succeeded();

        var upgrade = (await rig.AgentAsync("upgrade", "app", "--json")).Succeeded().Json;

        SampleTree.AssertSame(second, rig.Current);
        Assert.InRange(upgrade.GetProperty("fetched_delta_bytes").GetInt64(), 1, long.MaxValue);
        Assert.False(Directory.Exists(Path.Combine(rig.Server.Data, "objects")));

        var third = await rig.PublishSampleAsync(2, "1.2.0");
        (await rig.AdminAsync("deltas", "app", "--wait")).Succeeded();
        _service.StopGateway();
        using (var agent = rig.StartAgent("upgrade", "app"))
        {
            await rig.Server.WaitForLogAsync("check the service and the Objects:S3 settings");
            await AssertReadinessAsync(rig, isReady: false);
            SampleTree.AssertSame(second, rig.Current);
            await _service.StartGatewayAsync();
            _ = await ProgramRun.FinishAsync(agent);
        }

        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(third, rig.Current);
        await AssertReadinessAsync(rig, isReady: true);
        Assert.DoesNotContain(Radosgw.SecretKey, rig.Server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Config_check_tries_the_bucket_and_says_why_it_cannot_be_used()
    {
        (await CheckAsync(_settings)).Succeeded();

        var noBucket = await CheckAsync([.. _settings, "Objects:S3:Bucket=nowhere"]);
        noBucket.Refused("STORE_UNAVAILABLE", 8);
        Assert.Contains("NoSuchBucket", noBucket.Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_folder["credentials"], "[default]\n");
        (await CheckAsync(_settings)).Refused("CONFIG_INVALID", 2);
    }

    private static async Task AssertReadinessAsync(Rig rig, bool isReady)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(rig.Server.Http, "/readyz"));
        Assert.Equal(isReady, answer.IsSuccessStatusCode);
    }

    private Task<ProgramRun> CheckAsync(string[] settings) => ProgramRun.RunAsync(
        new Dictionary<string, string?>(), "dotnet",
        [Programs.Server, "config", "check", "--data", _folder["data"], .. settings]);
}
