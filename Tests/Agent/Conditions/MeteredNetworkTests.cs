using System.Diagnostics;
using ChunkOta.Agent;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Conditions;

/// <summary>The question to NetworkManager, on a bus of the test's with a program that answers as
/// NetworkManager.</summary>
public sealed class MeteredNetworkTests : IDisposable
{
    private const string Manager = "org.freedesktop.NetworkManager";
    private readonly TemporaryFolder _folder = new();

    private string Address => $"unix:path={_folder["bus"]}";

    public void Dispose() => _folder.Dispose();

    [FactIfInstalled("dbus-daemon dbus-send")]
    public async Task NetworkManager_says_whether_the_network_is_metered()
    {
        using var bus = Start("dbus-daemon", "--session", "--nofork", "--nopidfile", $"--address={Address}");
        await Eventually.Async("the bus", () => File.Exists(_folder["bus"]));
        Assert.False(IsMetered());
        using var manager = Start("/usr/bin/python3", "-m", "dbusmock", "--system", Manager, ObjectPath, Manager);
        try
        {
            await Eventually.Async(
                "NetworkManager's stand-in (python3-dbusmock)",
                () => SendAsync(
                    $"{ManagerMock}.AddProperty", $"string:{Manager}", "string:Metered", "variant:uint32:0"),
                run => run.ExitCode == 0);
            foreach (var (value, isMetered) in new[] { (1, true), (2, false), (3, true), (4, false), (0, false) })
            {
                (await SendAsync(
                    "org.freedesktop.DBus.Properties.Set", $"string:{Manager}", "string:Metered",
                    $"variant:uint32:{value}")).Succeeded();

                Assert.Equal((value, isMetered), (value, IsMetered()));
            }
        }
        finally
        {
            await EndAsync(manager);
            await EndAsync(bus);
        }
    }

    [Fact]
    public void Without_a_bus_nothing_is_known() => Assert.False(IsMetered());

    private const string ManagerMock = "org.freedesktop.DBus.Mock";

    private const string ObjectPath = "/org/freedesktop/NetworkManager";

    private bool IsMetered() => MeteredNetwork.IsMetered(
        name => name == "DBUS_SYSTEM_BUS_ADDRESS" ? $"tcp:host=localhost,port=1;{Address},guid=00" : null);

    private Task<ProgramRun> SendAsync(string method, params string[] arguments) => ProgramRun.RunAsync(
        new Dictionary<string, string?>(), "dbus-send",
        [$"--bus={Address}", "--print-reply", $"--dest={Manager}", ObjectPath, method, .. arguments]);

    private Process Start(string program, params string[] arguments) => ProgramRun.Start(
        new Dictionary<string, string?> { ["DBUS_SYSTEM_BUS_ADDRESS"] = Address }, program, arguments);

    private static async Task EndAsync(Process process)
    {
        process.Kill();
        await ProgramRun.FinishAsync(process);
    }
}
