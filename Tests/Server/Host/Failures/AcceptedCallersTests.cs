using ChunkOta.Server;

namespace ChunkOta.Tests.Server.Failures;

public sealed class AcceptedCallersTests
{
    [Fact]
    public void A_caller_is_remembered_until_its_credentials_are_wrong()
    {
        var accepted = new AcceptedCallers(TimeProvider.System);
        accepted.Add("device1");

        Assert.True(accepted.Has("device1"));
        Assert.False(accepted.Has("device2"));
        accepted.Remove("device1");
        Assert.False(accepted.Has("device1"));
    }

    [Fact]
    public void Memory_is_bounded_and_the_last_callers_stay()
    {
        var accepted = new AcceptedCallers(TimeProvider.System, capacity: 100);
        for (var i = 0; i < 1000; i++) accepted.Add($"device{i}");

        Assert.InRange(Enumerable.Range(0, 1000).Count(i => accepted.Has($"device{i}")), 100, 200);
        Assert.True(accepted.Has("device999"));
    }
}
