using System.Net;
using System.Net.Sockets;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server;

/// <summary>A server that cannot start says why in one line, and nothing else.</summary>
public sealed class StartFailureTests : IDisposable
{
    private static readonly string[] FreePorts = ["Listen:Grpc=127.0.0.1:0", "Listen:Http=off", "Listen:Tls=off"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_port_that_another_program_has_is_named_with_its_setting()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var run = await RunAsync(
            _folder["data"], "Listen:Grpc=127.0.0.1:0", $"Listen:Http=127.0.0.1:{port}", "Listen:Tls=off");

        AssertOneLine(run, "CONFIG_INVALID", 2, $"127.0.0.1:{port} (Listen:Http): another program listens there");
    }

    [Fact]
    public async Task A_port_without_the_right_to_bind_it_is_named_with_what_to_do()
    {
        var run = await RunAsync(_folder["data"], "Listen:Grpc=127.0.0.1:79", "Listen:Http=off", "Listen:Tls=off");

        AssertOneLine(run, "CONFIG_INVALID", 2, "127.0.0.1:79 (Listen:Grpc): this user has no right", "CAP_NET_BIND");
    }

    [Fact]
    public async Task An_address_of_another_machine_is_named()
    {
        var run = await RunAsync(_folder["data"], "Listen:Grpc=192.0.2.7:0", "Listen:Http=off", "Listen:Tls=off");

        AssertOneLine(run, "CONFIG_INVALID", 2, "192.0.2.7:0 (Listen:Grpc): this machine does not have the address");
    }

    [Theory]
    [InlineData("")]
    [InlineData("catalogue.db")]
    [InlineData("objects")]
    [InlineData("objects/packs")]
    [InlineData("tls.key")]
    public async Task A_data_folder_that_cannot_be_used_is_refused_before_anything_is_served(string unusable)
    {
        var data = _folder["data"];
        await using (var server = await ServerProcess.StartAsync(data)) await server.StopAsync();
        var path = Path.Combine(data, unusable);
        File.SetUnixFileMode(
            path, unusable == "tls.key" ? UnixFileMode.None : UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var run = await RunAsync(
            data, unusable == "tls.key" ? [.. FreePorts[..2], "Listen:Tls=127.0.0.1:0"] : FreePorts);

        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Assert.NotEqual(0, run.ExitCode);
        var code = unusable == "catalogue.db" ? "STORE_UNAVAILABLE" : "IO_ERROR";
        AssertOneLine(run, code, unusable == "catalogue.db" ? 8 : 9, path, "run ota-server as the user who owns it");
    }

    [Fact]
    public async Task A_damaged_catalogue_is_refused()
    {
        var data = _folder["data"];
        await using (var server = await ServerProcess.StartAsync(data)) await server.StopAsync();
        var path = Path.Combine(data, "catalogue.db");
        var bytes = await File.ReadAllBytesAsync(path);
        // Pages of tables that a start does not read.
        for (var page = bytes.Length / 2 / 4096; page < (bytes.Length / 4096) - 1; page++)
            bytes.AsSpan(page * 4096, 16).Fill(0xff);
        await File.WriteAllBytesAsync(path, bytes);

        var run = await RunAsync(data, FreePorts);

        Assert.Equal(8, run.ExitCode);
        Assert.Contains("STORE_UNAVAILABLE", run.Error, StringComparison.Ordinal);
        Assert.Contains("catalogue", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tls.key", "rubbish")]
    [InlineData("tls.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public async Task A_damaged_key_of_the_data_folder_is_refused(string file, string content)
    {
        var data = _folder["data"];
        await using (var server = await ServerProcess.StartAsync(data)) await server.StopAsync();
        await File.WriteAllTextAsync(Path.Combine(data, file), content);

        var run = await RunAsync(data, "Listen:Grpc=off", "Listen:Http=off", "Listen:Tls=127.0.0.1:0");

        AssertOneLine(run, "CONFIG_INVALID", 2, "the TLS key cannot be used", "remove it to make a new one");
    }

    [Theory]
    [InlineData("rubbish", "rubbish")]
    [InlineData("", "")]
    public async Task An_operators_certificate_that_cannot_be_read_is_refused(string certificate, string key)
    {
        await File.WriteAllTextAsync(_folder["c"], certificate);
        await File.WriteAllTextAsync(_folder["k"], key);

        var run = await RunAsync(
            _folder["data"], "Listen:Grpc=off", "Listen:Http=off", "Listen:Tls=127.0.0.1:0",
            $"Tls:Certificate={_folder["c"]}", $"Tls:Key={_folder["k"]}");

        AssertOneLine(run, "CONFIG_INVALID", 2, "Tls:Certificate and Tls:Key cannot be used");
    }

    /// <summary>Runs without the capabilities by which root may do everything.</summary>
    private static async Task<ProgramRun> RunAsync(string data, params string[] settings)
    {
        string[] bound = Environment.IsPrivilegedProcess
            ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "dotnet"]
            : ["dotnet"];
        using var server = ProgramRun.Start(
            new Dictionary<string, string?>(), bound,
            [Programs.Server, "run", "--data", data, "Listen:Metrics=off", .. settings]);
        // One that starts after all would serve on.
        return await ProgramRun.FinishAsync(server, TimeSpan.FromMinutes(1));
    }

    private static void AssertOneLine(ProgramRun run, string code, int exitCode, params string[] parts)
    {
        run.Refused(code, exitCode);
        var line = Assert.Single(run.Error.TrimEnd('\n').Split('\n'));
        foreach (var part in parts) Assert.Contains(part, line, StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }
}
