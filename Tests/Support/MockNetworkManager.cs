namespace ChunkOta.Tests.Support;

/// <summary>A D-Bus of the test's own, with python3-dbusmock as NetworkManager.</summary>
/// <remarks>Needs <c>dbus-daemon</c> and <c>dbus-send</c>.</remarks>
internal sealed class MockNetworkManager : IAsyncDisposable
{
    private const string Name = "org.freedesktop.NetworkManager";
    private const string ObjectPath = "/org/freedesktop/NetworkManager";

    private readonly OwnedProcess _bus;
    private OwnedProcess? _manager;

    private MockNetworkManager(string path)
    {
        Address = $"unix:path={path}";
        _bus = Start("dbus-daemon", "--session", "--nofork", "--nopidfile", $"--address={Address}");
    }

    /// <summary>The address of the bus, as D-Bus writes it.</summary>
    public string Address { get; }

    /// <summary>Starts the bus alone, at a path.</summary>
    public static async Task<MockNetworkManager> StartBusAsync(string path)
    {
        var mock = new MockNetworkManager(path);
        await Eventually.Async("the bus", () => File.Exists(path));
        return mock;
    }

    /// <summary>Starts the bus, and NetworkManager on it, which says that nothing is known.</summary>
    public static async Task<MockNetworkManager> StartAsync(string path)
    {
        var mock = await StartBusAsync(path);
        await mock.StartManagerAsync();
        return mock;
    }

    /// <summary>Starts NetworkManager, which says that nothing is known.</summary>
    public async Task StartManagerAsync()
    {
        _manager = Start("/usr/bin/python3", "-m", "dbusmock", "--system", Name, ObjectPath, Name);
        await Eventually.Async(
            "NetworkManager's stand-in (python3-dbusmock)",
            () => SendAsync(
                "org.freedesktop.DBus.Mock.AddProperty", $"string:{Name}", "string:Metered", "variant:uint32:0"),
            run => run.ExitCode == 0);
    }

    /// <summary>Sets NetworkManager's property Metered: 0 unknown, 1 yes, 2 no, 3 probably, 4 probably not.</summary>
    public async Task SetMeteredAsync(int value) => (await SendAsync(
        "org.freedesktop.DBus.Properties.Set", $"string:{Name}", "string:Metered", $"variant:uint32:{value}"))
        .Succeeded();

    public async ValueTask DisposeAsync()
    {
        if (_manager is not null)
            await EndAsync(_manager);
        await EndAsync(_bus);
    }

    private Task<ProgramRun> SendAsync(string method, params string[] arguments) => ProgramRun.RunAsync(
        new Dictionary<string, string?>(), "dbus-send",
        [$"--bus={Address}", "--print-reply", $"--dest={Name}", ObjectPath, method, .. arguments]);

    private OwnedProcess Start(string program, params string[] arguments) => ProgramRun.Start(
        new Dictionary<string, string?> { ["DBUS_SYSTEM_BUS_ADDRESS"] = Address }, program, arguments);

    private static async Task EndAsync(OwnedProcess process)
    {
        process.Kill();
        await ProgramRun.FinishAsync(process);
        process.Dispose();
    }
}
