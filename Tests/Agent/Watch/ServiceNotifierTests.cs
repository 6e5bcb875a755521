using System.Net.Sockets;
using System.Text;
using ChunkOta.Agent;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Watch;

public sealed class ServiceNotifierTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_state_comes_as_one_datagram(bool isAbstract)
    {
        var name = isAbstract ? $"@chunkota-test-{Guid.NewGuid()}" : _folder["notify"];
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(isAbstract ? $"\0{name[1..]}" : name));
        var notifier = new ServiceNotifier(variable => variable == "NOTIFY_SOCKET" ? name : null);

        notifier.Tell("READY=1");
        notifier.Tell("STATUS=all is well");

        Assert.Equal("READY=1", Receive(manager));
        Assert.Equal("STATUS=all is well", Receive(manager));
        Assert.Null(notifier.SignOfLife);
    }

    [Fact]
    public void Without_a_service_manager_nothing_happens()
    {
        new ServiceNotifier(_ => null).Tell("READY=1");
        new ServiceNotifier(variable => variable == "NOTIFY_SOCKET" ? _folder["nobody"] : null).Tell("READY=1");
    }

    [Theory]
    [InlineData("600000000", 300)]
    [InlineData("0", null)]
    [InlineData("soon", null)]
    public void Signs_of_life_come_twice_in_the_limit(string limit, int? seconds) => Assert.Equal(
        seconds,
        (int?)new ServiceNotifier(name => name == "WATCHDOG_USEC" ? limit : null).SignOfLife?.TotalSeconds);

    private static string Receive(Socket socket)
    {
        var buffer = new byte[1024];
        socket.ReceiveTimeout = 10_000;
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }
}
