using ChunkOta.Admin;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Tests.Admin.Promoting;

public sealed class DeltaWaitTests
{
    private const string Next = "ota-admin promote app 1.1.0 --to stable --wait-deltas";

    private static readonly QueuedDelta Running = new()
    {
        Platform = "linux-x64",
        FromVersion = "1.0.0",
        ToVersion = "1.1.0",
        State = DeltaJobState.Running,
        DoneBytes = 43,
        TotalBytes = 100,
    };

    [Fact]
    public async Task A_wait_that_ends_too_late_says_what_is_not_there_and_how_to_go_on()
    {
        var failure = await Assert.ThrowsAsync<ChunkOtaException>(() => RunAsync(
            new ListDeltasResponse { IsBuilding = true, Queued = { Running } }, TimeSpan.Zero));

        Assert.Equal("TIMED_OUT", failure.Code);
        Assert.Equal(
            "stable was not moved: 1 delta is not built (1.0.0 → 1.1.0 linux-x64 43.0 %) after 0 s: go on with " + Next,
            failure.Message);
        Assert.Equal(Next, failure.Hint);
    }

    [Fact]
    public async Task Deltas_that_failed_are_not_waited_for()
    {
        var failed = Running.Clone();
        failed.State = DeltaJobState.Failed;

        var deltas = await RunAsync(
            new ListDeltasResponse { IsBuilding = true, Queued = { failed } }, TimeSpan.Zero);

        Assert.Equal(new WaitedDeltas(0, 0, 1), WaitedDeltas.Of(deltas));
    }

    [Fact]
    public async Task A_server_that_builds_none_is_not_waited_for()
    {
        var failure = await Assert.ThrowsAsync<ChunkOtaException>(() => RunAsync(
            new ListDeltasResponse { Queued = { Running } }, TimeSpan.FromHours(1)));

        Assert.Equal("CONFIG_INVALID", failure.Code);
        Assert.Equal(Next, failure.Hint);
        await Assert.ThrowsAsync<ChunkOtaException>(() => RunAsync(new ListDeltasResponse(), TimeSpan.FromHours(1)));
    }

    [Fact]
    public async Task A_wait_goes_on_until_the_last_delta_is_there()
    {
        var asked = 0;
        var built = new BuiltDelta { Digest = ByteString.CopyFrom(new byte[32]), FromVersion = "1.0.0" };

        var deltas = await new DeltaWait(TimeProvider.System, new CountingProgress()).RunAsync(
            () => Task.FromResult(++asked < 3
                ? new ListDeltasResponse { IsBuilding = true, Queued = { Running } }
                : new ListDeltasResponse { IsBuilding = true, Built = { built } }),
            TimeSpan.FromHours(1), mustBuild: true, "stable was not moved", Next, CancellationToken.None);

        Assert.Equal(3, asked);
        Assert.Equal(new WaitedDeltas(1, 0, 0), WaitedDeltas.Of(deltas));
    }

    private static Task<ListDeltasResponse> RunAsync(ListDeltasResponse deltas, TimeSpan limit) =>
        new DeltaWait(TimeProvider.System, new CountingProgress()).RunAsync(
            () => Task.FromResult(deltas), limit, mustBuild: true, "stable was not moved", Next,
            CancellationToken.None);
}
