using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ChunkOta.Tests.Support;

/// <summary>A private PostgreSQL on a free loopback port, without durability: a process of the test's, which ends with
/// it.</summary>
/// <remarks>It refuses to run as root, so that nobody runs it there.</remarks>
internal sealed class PostgresCluster : IAsyncDisposable
{
    public const string User = "chunkota";

    private const string Programs = "/usr/lib/postgresql/15/bin";

    private static readonly Dictionary<string, string?> Environment = new() { ["LC_ALL"] = "C.UTF-8" };

    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort();
    private OwnedProcess? _process;
    private int _databases;

    private PostgresCluster()
    {
    }

    /// <summary>Makes a cluster and starts it.</summary>
    public static async Task<PostgresCluster> StartAsync()
    {
        Assert.True(Directory.Exists(Programs), "not installed: postgresql-15 (eng/packages.sh test)");
        var cluster = new PostgresCluster();
        try
        {
            if (System.Environment.IsPrivilegedProcess)
                OtherUser.GiveToNobody(cluster._folder.Path);
            (await cluster.RunAsync(
                "initdb", "-D", cluster._folder["data"], "-A", "trust", "-U", User, "-E", "UTF8", "--no-sync"))
                .Succeeded();
            await cluster.StartAgainAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the database, again after it ended; it keeps its port.</summary>
    public async Task StartAgainAsync()
    {
        _process?.Dispose();
        string[] settings =
        [
            "listen_addresses=127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"port={_port}"),
            $"unix_socket_directories={_folder.Path}", "fsync=off", "full_page_writes=off", "shared_buffers=32MB",
            "max_connections=200", "log_min_messages=fatal", "dynamic_shared_memory_type=mmap",
        ];
        _process = ProgramRun.Start(
            Environment,
            [
                .. CommandOf("postgres"), "-D", _folder["data"],
                .. settings.SelectMany(setting => new[] { "-c", setting }),
            ]);
        _ = _process.StandardOutput.ReadToEndAsync();
        _ = _process.StandardError.ReadToEndAsync();
        await Eventually.Async(
            "PostgreSQL's answer", async () => (await RunAsync("pg_isready")).ExitCode, code => code == 0);
    }

    /// <summary>Kills the database and all its processes: kill -9.</summary>
    public async Task KillAsync()
    {
        _process!.End();
        await Eventually.Async("the end of PostgreSQL", _process.WaitForExitAsync(), () => "");
    }

    /// <summary>Makes an empty database; its connection string.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test{Interlocked.Increment(ref _databases)}");
        (await RunAsync("createdb", name)).Succeeded();
        return string.Create(
            CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Database={name};Username={User}");
    }

    /// <summary>Runs statements in a database by psql.</summary>
    /// <returns>What they answered, without decoration.</returns>
    public async Task<string> RunSqlAsync(string connectionString, string sql)
    {
        const string key = "Database=";
        var database = connectionString.Split(';').Single(part => part.StartsWith(key, StringComparison.Ordinal));
        var run = await RunAsync("psql", "-d", database[key.Length..], "-v", "ON_ERROR_STOP=1", "-qAtc", sql);
        return run.Succeeded().Out.Trim();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            // It removes its shared memory.
            await _process.SignalAsync("INT");
            await Eventually.Async("the end of PostgreSQL", _process.WaitForExitAsync(), () => "");
            _process.Dispose();
        }

        _folder.Dispose();
    }

    private Task<ProgramRun> RunAsync(string program, params string[] arguments)
    {
        string[] address = program == "initdb" ? [] :
        [
            "-h", "127.0.0.1", "-p", _port.ToString(CultureInfo.InvariantCulture), "-U", User,
        ];
        return ProgramRun.RunAsync(Environment, CommandOf(program), [.. address, .. arguments]);
    }

    private static string[] CommandOf(string program)
    {
        var file = $"{Programs}/{program}";
        return System.Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--", file]
            : [file];
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
