using System.Text.Json;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Admin.CommandLine;

/// <summary>The program as users start it.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Help_is_an_answer_and_not_an_error()
    {
        var run = await AdminProcess.RunAsync("--help");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("publish", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_is_said()
    {
        var run = await AdminProcess.RunAsync("--version");

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"^ota-admin \d+\.\d+\.\d+", run.Out);
    }

    [Fact]
    public async Task Keys_are_made_and_no_secret_is_shown()
    {
        var run = await AdminProcess.RunAsync("keys", "init", "--out", _folder["keys"], "--json");

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        using var json = JsonDocument.Parse(run.Out);
        Assert.Equal(64, json.RootElement.GetProperty("root_digest").GetString()!.Length);
        foreach (var path in Directory.GetFiles(_folder["keys"], "*.key"))
        {
            using var key = JsonDocument.Parse(await File.ReadAllTextAsync(path));
            Assert.DoesNotContain(
                key.RootElement.GetProperty("secret").GetString()!, run.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_token_is_exit_code_5()
    {
        var run = await AdminProcess.RunAsync("releases");

        Assert.Equal((5, ""), (run.ExitCode, run.Out));
        Assert.StartsWith("error TOKEN_INVALID: no token", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_exit_code_8()
    {
        var token = ChunkOta.Protos.AccessToken.Generate().ToString();
        await File.WriteAllTextAsync(_folder["token"], token + "\n");
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();

        var byFile = await AdminProcess.RunAsync(
            "stats", "--server", $"http://127.0.0.1:{port}", "--token", $"@{_folder["token"]}");
        var byInput = await AdminProcess.RunWithInputAsync(
            _folder["token"], "stats", "--server", $"http://127.0.0.1:{port}", "--token", "-");

        Assert.Equal((8, 8), (byFile.ExitCode, byInput.ExitCode));
        Assert.StartsWith("error SERVER_UNAVAILABLE: ", byFile.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(token, byFile.Error + byInput.Error, StringComparison.Ordinal);
    }
}
