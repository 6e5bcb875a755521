using ChunkOta.Admin;
using ChunkOta.Agent;
using ChunkOta.Cli;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>Keys that outlive a year, and clocks that are wrong, with a real server: its clock, the publisher's and the
/// device's are moved one by one.</summary>
public sealed class TrustRootTests : IAsyncLifetime
{
    private readonly ShiftedTime _publisher = new();
    private readonly ShiftedTime _device = new();
    private Rig _rig = null!;

    private string Root => $"{_rig.Keys}/root.json";

    public async ValueTask InitializeAsync()
    {
        _rig = await Rig.StartAsync();
        await PublishAsync(0, "1.0.0");
        await UpdateAsync("home");
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Devices_follow_a_renewed_root_with_no_manual_step_though_the_old_one_has_expired()
    {
        await AdvanceAllAsync(TimeSpan.FromDays(320));
        Assert.Contains(
            "warning: trust root 1 of app expires in 4", (await AdminAsync("products", "list")).Succeeded().Error,
            StringComparison.Ordinal);
        await AdvanceAllAsync(TimeSpan.FromDays(370));
        (await TryPublishAsync(1, "1.1.0")).Refused("ROOT_EXPIRED", 3);
        Assert.Equal("ROOT_EXPIRED", (await FailAsync("home")).Code);
        Assert.True(Agent("home").Get("app").IsStale);

        (await AdminAsync("keys", "renew", "--keys", _rig.Keys)).Succeeded();
        (await TryPublishAsync(1, "1.1.0")).Refused("ROOT_CHAIN", 4);
        (await AdminAsync("products", "root", "app", "--root", Root)).Succeeded();
        var again = (await AdminAsync("products", "root", "app", "--root", Root, "--json")).Succeeded();
        await PublishAsync(1, "1.1.0");

        Assert.Equal(0, again.Json.GetProperty("added").GetInt32());
        await UpdateAsync("home");
        Assert.Equal("1.1.0", Agent("home").Get("app").Current!.Version);
        Assert.False(Agent("home").Get("app").IsStale);
        // The install token of the first day, and one of today, pin the first root.
        await UpdateAsync("new-home");
        await File.WriteAllTextAsync(_rig.TokenFile, await _rig.InstallTokenAsync());
        await UpdateAsync("newest-home");
    }

    [Fact]
    public async Task Five_roots_reach_server_and_device_at_once_and_a_gap_is_refused()
    {
        for (var i = 0; i < 5; i++)
            (await AdminAsync("keys", "renew", "--keys", _rig.Keys)).Succeeded();
        File.Move($"{_rig.Keys}/root.3.json", _rig.PathOf("hidden"));
        (await AdminAsync("products", "root", "app", "--root", Root)).Refused("ROOT_CHAIN", 4);
        File.Move(_rig.PathOf("hidden"), $"{_rig.Keys}/root.3.json");

        var handed = (await AdminAsync("products", "root", "app", "--root", Root, "--json")).Succeeded();

        Assert.Equal(
            (5, 6), (handed.Json.GetProperty("added").GetInt32(), handed.Json.GetProperty("root_version").GetInt32()));
        await PublishAsync(1, "1.1.0");
        await UpdateAsync("home");
        await UpdateAsync("new-home");
    }

    [Fact]
    public async Task Five_years_of_monthly_roots_reach_server_and_device_though_all_but_the_last_have_expired()
    {
        for (var month = 0; month < 60; month++)
        {
            _publisher.Advance(TimeSpan.FromDays(30));
            (await AdminAsync("keys", "renew", "--keys", _rig.Keys, "--expires", "20d")).Succeeded();
        }
        await AdvanceAllAsync(TimeSpan.FromDays(60 * 30));

        var handed = (await AdminAsync("products", "root", "app", "--root", Root, "--json")).Succeeded();

        Assert.Equal(
            (60, 61),
            (handed.Json.GetProperty("added").GetInt32(), handed.Json.GetProperty("root_version").GetInt32()));
        await PublishAsync(1, "1.1.0");
        await UpdateAsync("home");
        Assert.Equal("1.1.0", Agent("home").Get("app").Current!.Version);
        await UpdateAsync("new-home");
    }

    [Fact]
    public async Task A_root_of_other_keys_is_refused_and_changes_nothing()
    {
        (await AdminAsync("keys", "init", "--out", _rig.PathOf("other"))).Succeeded();
        (await AdminAsync("keys", "renew", "--keys", _rig.PathOf("other"))).Succeeded();

        (await AdminAsync("products", "root", "app", "--root", _rig.PathOf("other/root.json")))
            .Refused("SIG_INVALID", 4);

        await PublishAsync(1, "1.1.0");
        await UpdateAsync("home");
    }

    [Theory]
    [InlineData("root")]
    [InlineData("release")]
    [InlineData("channel")]
    public async Task After_a_rotation_publishing_and_upgrading_go_on(string role)
    {
        (await AdminAsync("keys", "rotate", role, "--keys", _rig.Keys)).Succeeded();
        var handed = (await AdminAsync("products", "root", "app", "--root", Root)).Succeeded();

        Assert.Equal(
            role == "channel", handed.Error.Contains("ota-admin channels renew app stable", StringComparison.Ordinal));
        if (role == "channel")
        {
            (await AdminAsync(
                "channels", "renew", "app", "stable", "--platform", "linux-x64", "--keys", _rig.Keys)).Succeeded();
        }
        await UpdateAsync("home");
        await UpdateAsync("new-home");
        await PublishAsync(1, "1.1.0");
        await UpdateAsync("home");
        Assert.Equal("1.1.0", Agent("home").Get("app").Current!.Version);
    }

    [Fact]
    public async Task What_a_stolen_release_key_signed_is_refused_and_the_next_version_is_taken()
    {
        (await AdminAsync("keys", "rotate", "release", "--keys", _rig.Keys, "--revoke")).Succeeded();
        (await AdminAsync("products", "root", "app", "--root", Root)).Succeeded();
        Assert.Equal("SIG_INVALID", (await FailAsync("new-home")).Code);
        (await TryPublishAsync(0, "1.0.0")).Refused("SIG_INVALID", 4);

        await PublishAsync(0, "1.0.1");

        await UpdateAsync("home");
        await UpdateAsync("new-home");
        Assert.Equal("1.0.1", Agent("home").Get("app").Current!.Version);
        Assert.Equal("REVOKED", Assert.ThrowsAny<ChunkOtaException>(() => Agent("home").Revert("app")).Code);
    }

    [Fact]
    public async Task A_publisher_whose_clock_is_ahead_signs_nothing_and_hears_by_how_much()
    {
        _publisher.Advance(TimeSpan.FromDays(200));

        var refused = await TryPublishAsync(1, "1.1.0");

        refused.Refused("ISSUED_AHEAD", 4);
        Assert.Contains(
            "the clock of this machine is 200 d 0 h ahead of the server's", refused.Error, StringComparison.Ordinal);
        _publisher.Advance(TimeSpan.FromDays(-203));
        var behind = await TryPublishAsync(1, "1.1.0");
        Assert.Contains("warning: the clock of this machine is 3 d 0 h behind", behind.Error, StringComparison.Ordinal);
        await UpdateAsync("home");
        _publisher.Advance(TimeSpan.FromDays(3));
        await PublishAsync(2, "1.2.0");
        await UpdateAsync("home");
    }

    [Fact]
    public async Task The_server_refuses_a_pointer_of_the_future_whoever_sends_it()
    {
        using var keys = PublisherKeys.Open(
            KeySource.Of(_rig.Keys), "app", needsRelease: false, _publisher.GetUtcNow());
        using var connection = _rig.Server.Connect(_rig.Server.AdminToken);
        var server = new Administration.AdministrationClient(connection.Invoker);
        var listed = await server.ListChannelsAsync(new ListChannelsRequest());
        var pointer = VerifiedPointer.Verify(listed.Channels[0].Pointer, keys.Root);
        var now = _publisher.GetUtcNow();
        async Task<ChunkOtaException> RefusalOfAsync(Action<ChannelPointer> change)
        {
            var next = PointerDocuments.Renewed(pointer.Value, now, TimeSpan.FromDays(7));
            change(next);
            return await Assert.ThrowsAnyAsync<ChunkOtaException>(async () => await server.PutPointersAsync(
                new PutPointersRequest
                {
                    Pointers =
                    {
                        SignedDocument.Sign(
                            PayloadTypes.Pointer, Google.Protobuf.MessageExtensions.ToByteArray(next), keys.Channel!),
                    },
                }));
        }

        var ahead = await RefusalOfAsync(next => next.IssuedUnixSeconds += 3600);
        Assert.Equal("ISSUED_AHEAD", ahead.Code);
        Assert.Contains("ahead of the clock of the server", ahead.Message, StringComparison.Ordinal);
        Assert.Equal("POINTER_INVALID", (await RefusalOfAsync(next => next.Seq = long.MaxValue)).Code);
        Assert.Equal("POINTER_INVALID", (await RefusalOfAsync(
            next => next.ExpiresUnixSeconds = next.IssuedUnixSeconds + (400 * 86_400))).Code);
        await UpdateAsync("home");
    }

    [Fact]
    public async Task When_publisher_and_server_are_both_ahead_devices_refuse_and_take_the_next_honest_release()
    {
        await _rig.Server.AdvanceClockAsync(TimeSpan.FromDays(200));
        _publisher.Advance(TimeSpan.FromDays(200));
        await PublishAsync(1, "1.1.0");

        var refused = await FailAsync("home");

        Assert.Equal("ISSUED_AHEAD", refused.Code);
        Assert.Contains(
            "the clock of this device is 200 d 0 h behind the server's", refused.Message, StringComparison.Ordinal);
        var facts = Agent("home").Get("app");
        Assert.Equal(("ISSUED_AHEAD", "1.0.0"), (facts.RefusedCode, facts.Current!.Version));
        await _rig.Server.AdvanceClockAsync(TimeSpan.Zero);
        _publisher.Advance(TimeSpan.FromDays(-200));
        await PublishAsync(2, "1.2.0");
        await UpdateAsync("home");
        facts = Agent("home").Get("app");
        Assert.Equal((null, "1.2.0"), (facts.RefusedCode, facts.Current!.Version));
    }

    [Fact]
    public async Task A_device_that_was_poisoned_with_everybody_else_recovers_with_the_next_root()
    {
        await AdvanceAllAsync(TimeSpan.FromDays(200));
        await PublishAsync(1, "1.1.0");
        await UpdateAsync("home");
        await AdvanceAllAsync(TimeSpan.Zero);
        await PublishAsync(2, "1.2.0");
        Assert.Equal("EXPIRED", (await FailAsync("home")).Code);

        (await AdminAsync("keys", "renew", "--keys", _rig.Keys)).Succeeded();
        (await AdminAsync("products", "root", "app", "--root", Root)).Succeeded();

        await UpdateAsync("home");
        Assert.Equal("1.2.0", Agent("home").Get("app").Current!.Version);
    }

    [Fact]
    public async Task The_server_logs_what_is_due_when_it_starts()
    {
        await _rig.Server.AdvanceClockAsync(TimeSpan.FromDays(330));

        await _rig.StartServerAsync();

        await Eventually.Async("the warnings", () =>
            _rig.Server.Log.Contains("trust root 1 of app expires in 3", StringComparison.Ordinal)
            && _rig.Server.Log.Contains(
                "the pointer of channel app linux-x64 stable expired", StringComparison.Ordinal));
    }

    private UpdateAgent Agent(string home) =>
        new(new AgentOptions { Home = _rig.PathOf(home), BuildTime = DateTimeOffset.UnixEpoch }, _device);

    private async Task UpdateAsync(string home) => await Agent(home).InstallAsync(new UpdateRequest
    {
        Product = "app",
        Server = _rig.Url,
        InstallToken = (await File.ReadAllTextAsync(_rig.TokenFile)).Trim(),
        Platform = "linux-x64",
    });

    private async Task<ChunkOtaException> FailAsync(string home) =>
        await Assert.ThrowsAnyAsync<ChunkOtaException>(() => UpdateAsync(home));

    private async Task AdvanceAllAsync(TimeSpan to)
    {
        await _rig.Server.AdvanceClockAsync(to);
        var real = TimeProvider.System.GetUtcNow();
        _publisher.Advance(real + to - _publisher.GetUtcNow());
        _device.Advance(real + to - _device.GetUtcNow());
    }

    private async Task PublishAsync(int revision, string version) =>
        (await TryPublishAsync(revision, version)).Succeeded();

    private Task<ProgramRun> TryPublishAsync(int revision, string version)
    {
        var tree = _rig.PathOf($"tree{revision}");
        if (!Directory.Exists(tree))
            SampleTree.Write(tree, revision);
        return AdminAsync(
            "publish", tree, "--product", "app", "--version", version, "--platform", "linux-x64", "--channel", "stable",
            "--keys", _rig.Keys);
    }

    private async Task<ProgramRun> AdminAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal { In = TextReader.Null, Out = output, Error = error };
        string[] server = ["--server", _rig.Url, "--token", $"@{_rig.Server.Data}/admin.token"];
        var exit = await AdminProgram.RunAsync(
            [.. arguments, .. server], terminal, _publisher, CancellationToken.None);
        return new ProgramRun(exit, output.ToString(), error.ToString());
    }
}
