using ChunkOta.Agent;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Conditions;

/// <summary>The question to NetworkManager, on a bus of the test's with a program that answers as
/// NetworkManager.</summary>
public sealed class MeteredNetworkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [FactIfInstalled("dbus-daemon dbus-send")]
    public async Task NetworkManager_says_whether_the_network_is_metered()
    {
        await using var manager = await MockNetworkManager.StartBusAsync(_folder["bus"]);
        Assert.False(IsMetered());
        await manager.StartManagerAsync();
        foreach (var (value, isMetered) in new[] { (1, true), (2, false), (3, true), (4, false), (0, false) })
        {
            await manager.SetMeteredAsync(value);

            Assert.Equal((value, isMetered), (value, IsMetered()));
        }
    }

    [Fact]
    public void Without_a_bus_nothing_is_known() => Assert.False(IsMetered());

    private bool IsMetered() => MeteredNetwork.IsMetered(
        name => name == "DBUS_SYSTEM_BUS_ADDRESS"
            ? $"tcp:host=localhost,port=1;unix:path={_folder["bus"]},guid=00"
            : null);
}
