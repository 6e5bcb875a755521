using ChunkOta.Agent;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Trust;

/// <summary>A clock that is wrong anywhere never shuts a device out for good, and is named as the cause.</summary>
public sealed class ClockTests : IDisposable
{
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task A_pointer_issued_ten_minutes_ahead_is_refused_and_changes_nothing()
    {
        await InstalledAsync();
        _rig.Source.Publish(Second(), 2, pointer => pointer.IssuedUnixSeconds += 11 * 60);

        var failure = await _rig.RefusedAsync("ISSUED_AHEAD");

        Assert.Contains("11 min ahead of the clock of this device", failure.Message, StringComparison.Ordinal);
        _rig.Source.Publish(Second(), 2, pointer => pointer.IssuedUnixSeconds += 9 * 60);
        await _rig.UpdateAsync();
        _rig.AssertCurrent(Second());
    }

    [Fact]
    public async Task A_manifest_issued_ahead_is_refused()
    {
        await InstalledAsync();
        _rig.Source.Publish(
            Second().With(manifest => manifest.PublishedUnixSeconds = Seconds(_rig.Clock.Now) + 3600), 2);

        await _rig.RefusedAsync("ISSUED_AHEAD");
    }

    [Fact]
    public async Task A_device_whose_clock_is_plainly_wrong_accepts_a_pointer_and_does_not_raise_its_floor()
    {
        var rooted = _rig.Clock.Now;
        _rig.BuildTime = rooted.AddDays(-30);
        _rig.Publisher.Roots[0] = _rig.Publisher.SignRoot(1, [_rig.Publisher.RootKey]);
        _rig.Clock.Now = rooted.AddDays(3);
        var pointer = _rig.Publisher.PointerTo(First(), 1);
        _rig.Source.Publish(First(), 1);
        _rig.Source.Pointer = _rig.Publisher.Sign(pointer);
        _rig.Clock.Now = DateTimeOffset.UnixEpoch.AddDays(1);

        await _rig.UpdateAsync();

        _rig.AssertCurrent(First());
        Assert.Equal(Seconds(rooted), _rig.Trust.TimeFloorUnixSeconds);
        Assert.Contains(
            "behind the day that this agent was built", Assert.Single(Summary.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_whose_clock_is_plainly_wrong_still_refuses_what_expired_before_its_build()
    {
        _rig.Source.Publish(First(), 1);
        _rig.BuildTime = _rig.Clock.Now.AddDays(30);
        _rig.Clock.Now = DateTimeOffset.UnixEpoch.AddDays(1);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal("EXPIRED", failure.Code);
        Assert.Contains("the clock of this device is wrong", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-30)]
    [InlineData(5)]
    public async Task A_device_with_a_dead_clock_knows_the_time_of_the_newest_root(int builtDays)
    {
        var today = _rig.Clock.Now;
        _rig.BuildTime = today.AddDays(builtDays);
        await InstalledAsync();
        _rig.Clock.Now = today.AddDays(20);
        var replayed = _rig.Publisher.PointerTo(Second(), 2);
        _rig.Clock.Now = today.AddDays(60);
        _rig.Publisher.RotateRoot();
        var honest = _rig.Publisher.PointerTo(Third(), 3);
        _rig.Clock.Now = DateTimeOffset.UnixEpoch.AddDays(1);

        _rig.Source.Publish(Second(), 2);
        _rig.Source.Pointer = _rig.Publisher.Sign(replayed);
        await _rig.RefusedAsync("EXPIRED");
        _rig.Source.Publish(Third(), 3);
        _rig.Source.Pointer = _rig.Publisher.Sign(honest);
        await _rig.UpdateAsync();

        _rig.AssertCurrent(Third());
        Assert.Equal(Seconds(today.AddDays(60)), _rig.Trust.TimeFloorUnixSeconds);
    }

    [Fact]
    public async Task A_root_dated_ahead_of_a_clock_that_seems_right_moves_no_floor()
    {
        await InstalledAsync();
        var (today, floor) = (_rig.Clock.Now, _rig.Trust.TimeFloorUnixSeconds);
        _rig.Clock.Now = today.AddDays(200);
        _rig.Publisher.RotateRoot();
        _rig.Clock.Now = today;
        _rig.Source.Publish(Second(), 2);

        await _rig.UpdateAsync();

        _rig.AssertCurrent(Second());
        Assert.Equal(floor, _rig.Trust.TimeFloorUnixSeconds);
    }

    [Fact]
    public async Task A_poisoned_floor_is_named_and_ends_with_the_next_root()
    {
        await InstalledAsync();
        await PoisonAsync();
        _rig.Source.Publish(Third(), 3);

        var failure = await _rig.RefusedAsync("EXPIRED");

        Assert.Contains("199 d 23 h behind a document that it accepted", failure.Message, StringComparison.Ordinal);
        Assert.Contains(
            "behind a document that it accepted", Assert.Single(Summary.Warnings), StringComparison.Ordinal);
        _rig.Publisher.RotateRoot();
        await _rig.UpdateAsync();
        _rig.AssertCurrent(Third());
        Assert.Empty(Summary.Warnings);
    }

    [Fact]
    public async Task A_new_root_of_the_same_keys_keeps_the_protection_against_older_pointers_and_releases()
    {
        await InstalledAsync(seq: 5);
        _rig.Source.Publish(Second(), 6);
        await _rig.UpdateAsync();
        _rig.Publisher.RotateRoot();

        _rig.Source.Publish(Second(), 4);
        await _rig.RefusedAsync("ROLLBACK");
        _rig.Source.Publish(First(), 7);
        await _rig.RefusedAsync("ROLLBACK");
    }

    [Fact]
    public async Task A_stolen_release_key_cannot_end_all_updates_by_the_highest_counter()
    {
        await InstalledAsync();
        var evil = new TestRelease("6.6.6", long.MaxValue).File("a", "evil");
        _rig.Source.Publish(evil.With(manifest => manifest.Floor = long.MaxValue), 2);
        await _rig.UpdateAsync();
        _rig.Source.Publish(Third(), 3);
        await _rig.RefusedAsync("ROLLBACK");

        _rig.Publisher.ReleaseKey = SigningKey.Generate();
        _rig.Publisher.RotateRoot();
        _rig.Source.Publish(Third(), 4);

        await _rig.UpdateAsync();
        _rig.AssertCurrent(Third());
        Assert.Equal(3ul, _rig.Trust.AcceptedCounter);
        Assert.Equal("REVOKED", Assert.ThrowsAny<ChunkOtaException>(() => _rig.Installed.Revert("editor")).Code);
        _rig.Source.Publish(Second(), 5);
        await _rig.RefusedAsync("ROLLBACK");
    }

    [Fact]
    public async Task A_removed_release_key_that_signed_nothing_here_gives_no_way_back()
    {
        using var spare = SigningKey.Generate();
        _rig.Publisher.SpareReleaseKey = spare;
        _rig.Publisher.Roots[0] = _rig.Publisher.SignRoot(1, [_rig.Publisher.RootKey]);
        await InstalledAsync();
        _rig.Source.Publish(Second(), 2);
        await _rig.UpdateAsync();
        _rig.Publisher.SpareReleaseKey = null;
        _rig.Publisher.RotateRoot();
        _rig.Source.Publish(First(), 3);

        await _rig.RefusedAsync("ROLLBACK");
    }

    [Fact]
    public async Task A_gap_in_the_chain_and_a_root_below_the_old_threshold_are_refused()
    {
        await InstalledAsync();
        _rig.Source.Publish(Second(), 2);
        _rig.Publisher.Roots.Add(_rig.Publisher.SignRoot(3, [_rig.Publisher.RootKey]));
        await _rig.RefusedAsync("ROOT_CHAIN");

        using var second = SigningKey.Generate();
        _rig.Publisher.SpareRootKey = second;
        _rig.Publisher.Roots[1] = _rig.Publisher.SignRoot(2, [_rig.Publisher.RootKey, second]);
        _rig.Publisher.Roots.Add(_rig.Publisher.SignRoot(3, [_rig.Publisher.RootKey]));
        await _rig.RefusedAsync("THRESHOLD");

        _rig.Publisher.Roots[2] = _rig.Publisher.SignRoot(3, [_rig.Publisher.RootKey, second]);
        await _rig.UpdateAsync();
        _rig.AssertCurrent(Second());
    }

    [Fact]
    public async Task Five_roots_of_five_years_are_walked_in_one_check_though_all_but_the_last_have_expired()
    {
        await InstalledAsync();
        for (var year = 1; year < 5; year++)
        {
            _rig.Clock.Now = _rig.Clock.Now.AddDays(360);
            _rig.Publisher.RotateRoot();
        }
        _rig.Source.Publish(Second(), 2);

        await _rig.UpdateAsync();

        _rig.AssertCurrent(Second());
        Assert.Single(_rig.Source.Checks);
    }

    [Fact]
    public async Task An_expired_root_is_never_ok_and_warns_sixty_days_before()
    {
        await InstalledAsync();
        Assert.Empty(Summary.Warnings);
        _rig.Clock.Now = _rig.Clock.Now.AddDays(310);
        _rig.Source.Publish(First(), 2);
        await _rig.UpdateAsync();
        Assert.StartsWith(
            "trust root 1 of editor expires in 55 d 0 h, ", Assert.Single(Summary.Warnings), StringComparison.Ordinal);

        _rig.Clock.Now = _rig.Clock.Now.AddDays(56);

        Assert.True(Summary.IsStale);
        Assert.Equal("the trust root has expired: its publisher must sign a new one", Summary.Problem);
    }

    [Fact]
    public async Task A_pointer_warns_from_half_of_its_lifetime()
    {
        await InstalledAsync();
        _rig.Clock.Now = _rig.Clock.Now.AddDays(4);

        Assert.StartsWith(
            "the pointer of channel editor linux-x64 stable expires in 3 d 0 h, ", Assert.Single(Summary.Warnings),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_refused_is_remembered_until_a_run_is_accepted()
    {
        await InstalledAsync();
        var reports = new ReportStep(_rig.Local, _rig.Source, new WireMeter(), _rig.Clock);
        var refused = new ChunkOtaException(ErrorCodes.IssuedAhead, "the pointer was signed ahead");

        await reports.FailedAsync(AgentRig.Goal(), UpdateStage.Checking, refused);
        Assert.Equal(("ISSUED_AHEAD", "the pointer was signed ahead"), (Summary.RefusedCode, Summary.Problem));
        await reports.SucceededAsync(AgentRig.Goal(), null);
        Assert.Equal((null, null), (Summary.RefusedCode, Summary.Problem));

        await reports.FailedAsync(
            AgentRig.Goal(),
            UpdateStage.Checking,
            new ChunkOtaException(ErrorCodes.ServerUnavailable, "away"));
        await reports.FailedAsync(AgentRig.Goal() with { Version = "0.9.0" }, UpdateStage.Checking, refused);
        Assert.Null(Summary.RefusedCode);
    }

    private static TestRelease First() => new TestRelease("1.0.0", 1).File("a", "one");

    private static TestRelease Second() => new TestRelease("1.1.0", 2).File("a", "two");

    private static TestRelease Third() => new TestRelease("1.2.0", 3).File("a", "three");

    private static long Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds();

    private ProductSummary Summary => _rig.Installed.Get("editor");

    private async Task InstalledAsync(ulong seq = 1)
    {
        _rig.Source.Publish(First(), seq);
        await _rig.UpdateAsync();
        _rig.Source.Checks.Clear();
    }

    /// <summary>Publisher and device had the same wrong clock for a while.</summary>
    private async Task PoisonAsync()
    {
        var today = _rig.Clock.Now;
        _rig.Clock.Now = today.AddDays(200);
        _rig.Source.Publish(Second(), 2);
        await _rig.UpdateAsync();
        _rig.Clock.Now = today.AddHours(1);
    }
}
