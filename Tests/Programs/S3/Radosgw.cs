using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace ChunkOta.Tests.Support;

/// <summary>
/// A real S3 service on loopback: Ceph's radosgw, with one monitor and one object store in memory behind it.
/// </summary>
internal sealed class Radosgw : IAsyncDisposable
{
    /// <summary>The programs that it is made of, for tests that are skipped without them.</summary>
    public const string PackagePrograms = "ceph ceph-mon ceph-osd radosgw radosgw-admin";

    public const string AccessKey = "chunkota-test";
    public const string SecretKey = "not-a-secret-of-anybody";

    private static readonly Dictionary<string, string?> NoVariables = [];

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, OwnedProcess> _daemons = [];
    private readonly int _port = FreePort();
    private int _buckets;

    private Radosgw()
    {
    }

    /// <summary>The address of the service.</summary>
    public Uri Endpoint => new($"http://127.0.0.1:{_port}");

    /// <summary>The port of the service.</summary>
    public int Port => _port;

    public static async Task<Radosgw> StartAsync()
    {
        var service = new Radosgw();
        try
        {
            await service.StartClusterAsync();
            await service.StartGatewayAsync();
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes an empty bucket.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> MakeBucketAsync()
    {
        var name = $"bucket-{Interlocked.Increment(ref _buckets)}";
        using var client = Connect();
        await client.PutBucketAsync(new PutBucketRequest { BucketName = name });
        return name;
    }

    /// <summary>Lets a bucket hold only so many objects.</summary>
    public async Task LimitAsync(string bucket, int objects)
    {
        await CephAsync("radosgw-admin", "quota", "set", "--quota-scope=bucket", $"--bucket={bucket}",
            $"--max-objects={objects}", "--uid=test");
        await CephAsync("radosgw-admin", "quota", "enable", "--quota-scope=bucket", $"--bucket={bucket}",
            "--uid=test");
    }

    /// <summary>A client of the library's own, for what the store does not do.</summary>
    public AmazonS3Client Connect() => new(
        new BasicAWSCredentials(AccessKey, SecretKey),
        new AmazonS3Config
        {
            ServiceURL = Endpoint.AbsoluteUri,
            AuthenticationRegion = "us-east-1",
            ForcePathStyle = true,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        });

    /// <summary>Starts the service, again on the same port if it was stopped.</summary>
    public async Task StartGatewayAsync()
    {
        Begin("radosgw", "radosgw", "-f", "-n", "client.rgw");
        using var http = new HttpClient();
        _ = await Eventually.Async("radosgw's answer", () => AnswersAsync(http), answers => answers);
    }

    /// <summary>Kills the service; what was stored stays.</summary>
    public void StopGateway() => End("radosgw");

    public ValueTask DisposeAsync()
    {
        foreach (var name in _daemons.Keys.Reverse().ToArray()) End(name);
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task StartClusterAsync()
    {
        var (id, osd) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        var monitor = $"127.0.0.1:{FreePort()}";
        await File.WriteAllTextAsync(_folder["ceph.conf"], Configuration(id, monitor));
        foreach (var data in new[] { "mon", "osd", "rgw" }) Directory.CreateDirectory(_folder[data]);
        await RunAsync("ceph-authtool", "--create-keyring", _folder["keyring"], "--gen-key", "-n", "mon.",
            "--cap", "mon", "allow *");
        await RunAsync("monmaptool", "--create", "--addv", "a", $"[v1:{monitor}]", "--fsid", id, _folder["monmap"]);
        await CephAsync("ceph-mon", "--mkfs", "-i", "a", "--monmap", _folder["monmap"],
            "--keyring", _folder["keyring"]);
        Begin("mon", "ceph-mon", "-f", "-i", "a");
        await Eventually.Async("the monitor", () => AskMonitorAsync("osd", "new", osd), run => run.ExitCode == 0);
        await CephAsync("ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", osd);
        await StartObjectStoreAsync();
        await CephAsync("radosgw-admin", "user", "create", "--uid=test", "--display-name=test",
            $"--access-key={AccessKey}", $"--secret-key={SecretKey}");
    }

    /// <summary>Starts the object store, and again whenever it ends before the monitor knows it as running: one that
    /// registers while the monitor still writes the map down is refused with "wrong fsid", and ends.</summary>
    private async Task StartObjectStoreAsync() => _ = await Eventually.Async(
        "the object store",
        () =>
        {
            if (!_daemons.TryGetValue("osd", out var daemon) || daemon.HasExited)
                Begin("osd", "ceph-osd", "-f", "-i", "0");
            return AskMonitorAsync("osd", "stat", "--format", "json");
        },
        run => run.ExitCode == 0 && run.Json.GetProperty("num_up_osds").GetInt32() == 1);

    /// <summary>Asks once: a monitor that is still starting may refuse any question.</summary>
    private Task<ProgramRun> AskMonitorAsync(params string[] question) => ProgramRun.RunAsync(
        NoVariables, "ceph", ["-c", _folder["ceph.conf"], "--connect-timeout", "60", .. question]);

    private string Configuration(string id, string monitor) => string.Create(CultureInfo.InvariantCulture, $"""
        [global]
        fsid = {id}
        mon_host = [v1:{monitor}]
        public_addr = 127.0.0.1
        auth_cluster_required = none
        auth_service_required = none
        auth_client_required = none
        ms_bind_msgr2 = false
        mon_data = {_folder["mon"]}
        osd_data = {_folder["osd"]}
        run_dir = {_folder.Path}
        admin_socket =
        pid_file =
        log_to_stderr = false
        mon_cluster_log_to_file = false
        log_file = {_folder["$name.log"]}
        mon_allow_pool_size_one = true
        osd_objectstore = memstore
        osd_crush_initial_weight = 1
        osd_crush_chooseleaf_type = 0
        osd_pool_default_size = 1
        osd_pool_default_min_size = 1
        osd_pool_default_pg_num = 4
        osd_pool_default_pgp_num = 4
        osd_pool_default_pg_autoscale_mode = off
        rgw_data = {_folder["rgw"]}
        rgw_frontends = beast endpoint=127.0.0.1:{_port}
        rgw_bucket_quota_ttl = 0

        """);

    private Task CephAsync(string program, params string[] arguments) =>
        RunAsync(program, ["-c", _folder["ceph.conf"], .. arguments]);

    private static async Task RunAsync(string program, params string[] arguments) =>
        (await ProgramRun.RunAsync(NoVariables, program, arguments)).Succeeded();

    private void Begin(string name, string program, params string[] arguments)
    {
        End(name);
        var daemon = ProgramRun.Start(NoVariables, program, [.. arguments, "-c", _folder["ceph.conf"]]);
        _daemons[name] = daemon;
        daemon.BeginOutputReadLine();
        daemon.BeginErrorReadLine();
    }

    private void End(string name)
    {
        if (!_daemons.Remove(name, out var daemon)) return;
        daemon.Dispose();
    }

    private async Task<bool> AnswersAsync(HttpClient http)
    {
        if (_daemons["radosgw"].HasExited)
            throw new InvalidOperationException($"radosgw ended: {await TailAsync("client.rgw.log")}");
        try
        {
            using var answer = await http.GetAsync(Endpoint);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<string> TailAsync(string log) =>
        File.Exists(_folder[log]) ? string.Join('\n', (await File.ReadAllLinesAsync(_folder[log])).TakeLast(20)) : "";

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
