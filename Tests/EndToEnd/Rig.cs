using System.Net;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>
/// A publisher, a server behind a proxy that keeps its port, and a device: real processes, a folder of the test's.
/// </summary>
internal sealed class Rig : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, string?> _publisher = [];
    private readonly Dictionary<string, string?> _device = [];
    private string? _data;
    private string[] _settings = [];

    private Rig()
    {
    }

    public ServerProcess Server { get; private set; } = null!;

    public CuttingProxy Proxy { get; private set; } = null!;

    /// <summary>The server as publisher and device reach it.</summary>
    public string Url => $"http://127.0.0.1:{Proxy.Port}";

    /// <summary>The file of an install token for product app, channel stable.</summary>
    public string TokenFile => PathOf("install.token");

    public string Keys => PathOf("keys");

    /// <summary>What releases are published and installed for.</summary>
    public string Platform { get; set; } = "linux-x64";

    public string Home
    {
        get => _device["OTA_HOME"]!;
        set => _device["OTA_HOME"] = value;
    }

    /// <summary>The link that a release runs from.</summary>
    public string Current => Path.Combine(Home, "app", "current");

    /// <summary>A server with the product <c>app</c>, keys to publish it and an install token.</summary>
    /// <param name="settings">Of the server, kept when it starts again. Without any it makes no deltas: what tests see
    /// of chunks must not hang on whether one came in time.</param>
    public static async Task<Rig> StartAsync(params string[] settings)
    {
        var rig = new Rig();
        try
        {
            rig._settings = ["Deltas:Workers=0", .. settings];
            await rig.StartServerAsync();
            rig.Home = rig.PathOf("home");
            (await rig.AdminAsync("keys", "init", "--out", rig.Keys)).Succeeded();
            (await rig.AdminAsync("products", "create", "app", "--root", $"{rig.Keys}/root.json")).Succeeded();
            await File.WriteAllTextAsync(rig.TokenFile, await rig.InstallTokenAsync());
            File.SetUnixFileMode(rig.TokenFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return rig;
        }
        catch
        {
            await rig.DisposeAsync();
            throw;
        }
    }

    /// <summary>The full path of a name in the rig's folder.</summary>
    public string PathOf(string name) => _folder[name];

    /// <summary>Runs ota-admin with the server's address and the admin token in its environment.</summary>
    public Task<ProgramRun> AdminAsync(params IEnumerable<string> arguments) =>
        ProgramRun.RunAsync(_publisher, Programs.AdminCommand, arguments);

    /// <summary>Runs ota-admin as <see cref="AdminAsync"/> does, always the assembly.</summary>
    public Task<ProgramRun> ManagedAdminAsync(params IEnumerable<string> arguments) =>
        ProgramRun.RunAsync(_publisher, "dotnet", [Programs.Admin, .. arguments]);

    /// <summary>Starts ota-admin; the caller ends it.</summary>
    public OwnedProcess StartAdmin(params IEnumerable<string> arguments) =>
        ProgramRun.Start(_publisher, Programs.AdminCommand, arguments);

    /// <summary>Runs ota-agent with the device's home in its environment.</summary>
    public Task<ProgramRun> AgentAsync(params IEnumerable<string> arguments) =>
        ProgramRun.RunAsync(_device, Programs.AgentCommand, arguments);

    /// <summary>Runs ota-agent with one more variable in its environment.</summary>
    public Task<ProgramRun> AgentWithAsync(string name, string value, params IEnumerable<string> arguments) =>
        ProgramRun.RunAsync(
            new Dictionary<string, string?>(_device) { [name] = value }, Programs.AgentCommand, arguments);

    /// <summary>Runs ota-agent under strace.</summary>
    /// <param name="expression">What strace does to its system calls.</param>
    /// <param name="arguments">Those of the agent.</param>
    public Task<ProgramRun> TracedAgentAsync(string expression, params IEnumerable<string> arguments) =>
        ProgramRun.RunAsync(
            _device, "strace",
            ["-f", "-qq", "-o", "/dev/null", "-e", expression, .. Programs.AgentCommand, .. arguments]);

    /// <summary>Runs a shell script that knows the programs as <c>admin</c>, <c>agent</c> and <c>server</c>.</summary>
    public Task<ProgramRun> ShellAsync(string script)
    {
        string[] programs = [
            $"admin() {{ dotnet '{Programs.Admin}' \"$@\"; }}", $"agent() {{ dotnet '{Programs.Agent}' \"$@\"; }}",
            $"server() {{ dotnet '{Programs.Server}' \"$@\"; }}",
        ];
        var environment = new Dictionary<string, string?>(_publisher) { ["OTA_HOME"] = Home };
        return ProgramRun.RunAsync(environment, "bash", "-c", $"{string.Join('\n', programs)}\n{script}");
    }

    /// <summary>Starts ota-agent; <see cref="ProgramRun.FinishAsync"/> waits for its end.</summary>
    public OwnedProcess StartAgent(params IEnumerable<string> arguments) =>
        ProgramRun.Start(_device, Programs.AgentCommand, arguments);

    /// <summary>Starts ota-agent with more variables in its environment.</summary>
    public OwnedProcess StartAgentWith(
        Dictionary<string, string?> environment, params IEnumerable<string> arguments)
    {
        foreach (var (name, value) in _device) environment.TryAdd(name, value);
        return ProgramRun.Start(environment, Programs.AgentCommand, arguments);
    }

    /// <summary>Publishes a tree of product app for the rig's platform to channel stable.</summary>
    public Task<ProgramRun> PublishAsync(string tree, string version, params IEnumerable<string> more) => AdminAsync([
        "publish", tree, "--product", "app", "--version", version, "--platform", Platform, "--channel", "stable",
        "--keys", Keys, "--json", .. more]);

    /// <summary>Installs product app with the install token.</summary>
    public Task<ProgramRun> InstallAsync(params IEnumerable<string> more) => AgentAsync([
        "install", "app", "--server", Url, "--install-token", $"@{TokenFile}", "--platform", Platform, .. more]);

    /// <summary>Publishes 8 MB as 1.0.0, installs them, and sends the agent a signal after 3 MB.</summary>
    /// <param name="signal">Its name, such as <c>TERM</c>.</param>
    /// <param name="andThen">Called when the signal was sent; the connection stays cut without it.</param>
    public async Task<(ProgramRun Run, string Tree)> InstallAndSignalAsync(string signal, Action? andThen = null)
    {
        var tree = PathOf("big");
        Directory.CreateDirectory(tree);
        await File.WriteAllBytesAsync(Path.Combine(tree, "big"), SampleTree.Noise(1, 8_000_000));
        (await PublishAsync(tree, "1.0.0")).Succeeded();
        OwnedProcess? agent = null;
        Proxy.CutAfter(3_000_000, async () =>
        {
            await agent!.SignalAsync(signal);
            andThen?.Invoke();
        });

        using (agent = StartAgent("install", "app", "--server", Url, "--install-token", $"@{TokenFile}"))
            return (await ProgramRun.FinishAsync(agent), tree);
    }

    /// <summary>Makes a sample tree of that revision and publishes it.</summary>
    public async Task<string> PublishSampleAsync(int revision, string version)
    {
        var tree = SampleTree.Write(PathOf($"tree{revision}"), revision);
        (await PublishAsync(tree, version)).Succeeded();
        return tree;
    }

    /// <summary>An install token for product app, channel stable.</summary>
    public async Task<string> InstallTokenAsync(params string[] more)
    {
        string[] lasting = more.Contains("--expires") ? [] : ["--expires", "never"];
        string[] forAll = more.Contains("--uses") ? [] : ["--uses", "unlimited"];
        return (await AdminAsync(["tokens", "create", "--role", "install", "--product", "app", "--channel", "stable",
            "--root", $"{Keys}/root.json", .. lasting, .. forAll, .. more])).Succeeded().Out.Trim();
    }

    /// <summary>Starts the server on the rig's data folder, again if it has ended, behind the same proxy.</summary>
    public async Task StartServerAsync()
    {
        if (Server is not null) await Server.DisposeAsync();
        Server = await ServerProcess.StartAsync(_data ?? PathOf("data"), _settings);
        if (Proxy is null) Proxy = new CuttingProxy(Server.Grpc.Port) { Target = IPAddress.Parse(Server.Grpc.IdnHost) };
        else Proxy.TargetPort = Server.Grpc.Port;
        Proxy.Mend();
        _publisher["OTA_SERVER"] = Url;
        _publisher["OTA_TOKEN"] = $"@{Server.Data}/admin.token";
    }

    /// <summary>Ends the server, and starts one with another data folder and other settings.</summary>
    public async Task StartServerAsync(string folder, params string[] settings)
    {
        await Server.StopAsync();
        (_data, _settings) = (folder, ["Deltas:Workers=0", .. settings]);
        await StartServerAsync();
    }

    /// <summary>Moves the server's data to another folder, such as a small disk, and serves it from there.</summary>
    public async Task MoveServerAsync(string folder)
    {
        await Server.StopAsync();
        using (var copy = System.Diagnostics.Process.Start(
            "cp", ["-a", $"{PathOf("data")}/.", folder])) await copy.WaitForExitAsync();
        _data = folder;
        await StartServerAsync();
    }

    /// <summary>Starts the server, which has ended, on another data folder and with other settings.</summary>
    public async Task StartServerOnAsync(string data, params string[] settings)
    {
        (_data, _settings) = (data, ["Deltas:Workers=0", .. settings]);
        await StartServerAsync();
    }

    /// <summary>Ends the server, changes what it keeps, and starts it again.</summary>
    public async Task RestartServerAfterAsync(Action<string> changeData)
    {
        await Server.StopAsync();
        changeData(Server.Data);
        await StartServerAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Server is not null) await Server.DisposeAsync();
        if (Proxy is not null) await Proxy.DisposeAsync();
        _folder.Dispose();
    }
}
