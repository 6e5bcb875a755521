using System.Text.Json;

namespace ChunkOta.Tests.Packages;

/// <summary>The Debian packages on a fresh Debian 12, installed and used as README says, word for word.</summary>
[Trait("Category", "Package")]
public sealed class InstalledPackagesTests(ReadmeMachine readme) : IClassFixture<ReadmeMachine>
{
    private readonly DebianMachine _machine = readme.Machine;

    [Fact]
    public async Task README_leaves_a_product_installed_that_equals_what_was_published() =>
        await SucceedsAsync("diff -r build /opt/chunkota/myapp/current/");

    [Fact]
    public async Task The_server_runs_as_its_own_user_and_keeps_its_data_to_itself()
    {
        Assert.Equal("active", await SayAsync("systemctl is-active chunkota-server"));
        Assert.Equal("enabled", await SayAsync("systemctl is-enabled chunkota-server"));
        Assert.Equal("chunkota", await SayAsync(
            "stat -c %U /proc/$(systemctl show -P MainPID chunkota-server)"));
        Assert.Equal("700 chunkota", await SayAsync("stat -c '%a %U' /var/lib/chunkota"));
        Assert.Equal("600 chunkota", await SayAsync("stat -c '%a %U' /var/lib/chunkota/admin.token"));
        Assert.Equal(
            "running", await SayAsync("systemctl show -P SubState chunkota-server"));
    }

    [Fact]
    public async Task The_server_tells_systemd_when_it_is_ready_and_stops_cleanly()
    {
        // systemctl returns when the service has said that it is ready: the very next call is answered.
        await SucceedsAsync(
            "systemctl restart chunkota-server && "
            + "ota-server health --data /var/lib/chunkota --config /etc/chunkota/server.json");
        Assert.Equal("notify", await SayAsync("systemctl show -P Type chunkota-server"));
        Assert.Equal("success", await SayAsync("systemctl show -P Result chunkota-server"));
        Assert.Equal("0", await SayAsync("systemctl show -P NRestarts chunkota-server"));
    }

    [Fact]
    public async Task A_reload_keeps_the_server_running()
    {
        var before = await SayAsync("systemctl show -P MainPID chunkota-server");

        await SucceedsAsync("systemctl reload chunkota-server");

        await SucceedsAsync("ota-server health --data /var/lib/chunkota");
        Assert.Equal(before, await SayAsync("systemctl show -P MainPID chunkota-server"));
    }

    [Fact]
    public async Task The_agents_service_watches_in_its_sandbox()
    {
        await SucceedsAsync("systemctl start chunkota-agent");

        Assert.Equal("active", await SayAsync("systemctl is-active chunkota-agent"));
        Assert.Equal("notify", await SayAsync("systemctl show -P Type chunkota-agent"));
        await IsToldAsync("watching /opt/chunkota");
        await SucceedsAsync("systemctl reload chunkota-agent");
        // A reload looks at every product at once.
        await IsToldAsync("myapp: ");
        Assert.Equal("10", await SayAsync(
            "cut -d ' ' -f 19 /proc/$(systemctl show -P MainPID chunkota-agent)/stat"));
        await SucceedsAsync("systemctl stop chunkota-agent");
        Assert.Equal("success", await SayAsync("systemctl show -P Result chunkota-agent"));
    }

    /// <summary>A limit for what systemd counts: 0 is a full sandbox, 10 none.</summary>
    [Theory]
    [InlineData("chunkota-server.service", 15)]
    [InlineData("chunkota-agent.service", 25)]
    public async Task The_units_are_correct_and_sandboxed(string unit, int threshold)
    {
        await SucceedsAsync($"systemd-analyze verify --man=no {unit}");
        await SucceedsAsync(
            $"systemd-analyze security --no-pager --offline=yes --threshold={threshold} /lib/systemd/system/{unit}");
    }

    [Fact]
    public async Task The_unit_of_a_user_is_correct() => await SucceedsAsync(
        "XDG_RUNTIME_DIR=/run systemd-analyze verify --user --man=no /usr/lib/systemd/user/chunkota-agent.service");

    [Fact]
    public async Task The_unit_of_a_user_keeps_the_users_own_products_up_to_date_without_rights()
    {
        // A login would start the user's service manager; this machine has none of what a login needs.
        await SucceedsAsync(
            """
            useradd --create-home bob
            id=$(id -u bob)
            install -d -m 700 -o bob -g bob /run/user/$id
            systemd-run --quiet --unit=bobs-manager --uid=bob --gid=bob -p Type=notify -p Delegate=yes \
              -p WorkingDirectory=/home/bob -E HOME=/home/bob -E XDG_RUNTIME_DIR=/run/user/$id \
              /lib/systemd/systemd --user
            ota-admin tokens create --role install --product myapp --channel stable --root keys/root.json \
              --out /home/bob/install.token
            chown bob /home/bob/install.token
            """);
        await SucceedsAsync(AsBob(
            """
            ota-agent install myapp --server https://updates.example.com:7443 --install-token @install.token
            mkdir -p .config/chunkota
            echo '{ "Watch": { "PollSeconds": 1 } }' >.config/chunkota/ota-agent.json
            systemctl --user enable --now chunkota-agent
            """));

        await SucceedsAsync(
            """
            ota-admin publish build --product myapp --version 1.4.2 --platform linux-x64 --channel stable --keys keys
            """);

        await SucceedsAsync(
            """
            current=/home/bob/.local/share/chunkota/myapp/current
            timeout 60 sh -c "until [ \$(readlink $current) = releases/1.4.2 ]; do sleep 0.2; done"
            diff -r build $current/
            """);
        var status = await SayAsync(AsBob(
            """
            id=$(systemctl --user show -P MainPID chunkota-agent)
            sed -n 's/^\(NoNewPrivs\|Uid\|CapEff\):[ \t]*\([0-9a-f]*\).*/\1 \2/p' /proc/$id/status
            systemctl --user is-active chunkota-agent
            systemctl --user stop chunkota-agent
            systemctl --user show -P Result chunkota-agent
            """));
        var bob = await SayAsync("id -u bob");
        Assert.Equal(
            [$"Uid {bob}", "CapEff 0000000000000000", "NoNewPrivs 1", "active", "success"], status.Split('\n'));
        await SucceedsAsync("systemctl stop bobs-manager");

        static string AsBob(string script) =>
            $"""
            cd /home/bob
            setpriv --reuid bob --regid bob --init-groups env -i HOME=/home/bob USER=bob PATH=/usr/bin:/bin \
              XDG_RUNTIME_DIR=/run/user/$(id -u bob) bash -euo pipefail <<'END'
            {script}
            END
            """;
    }

    [Fact]
    public async Task The_version_and_the_source_are_told_to_everyone()
    {
        // The machine has no HTTP client of its own.
        var answer = await SayAsync(
            """
            exec 3<>/dev/tcp/127.0.0.1/7081
            printf 'GET /version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
            grep '^{' <&3
            """);

        using var version = JsonDocument.Parse(answer);
        Assert.Equal(Distribution.Version, version.RootElement.GetProperty("version").GetString());
        Assert.StartsWith("https://", version.RootElement.GetProperty("source").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Waits until the journal of the agent's service has a text.</summary>
    private Task IsToldAsync(string text) => SucceedsAsync(
        $"timeout 60 sh -c 'until journalctl -u chunkota-agent | grep -q \"{text}\"; do sleep 1; done'");

    private async Task SucceedsAsync(string script) => (await _machine.RunAsync(script)).Succeeded();

    private async Task<string> SayAsync(string script)
    {
        // What a script says counts, whatever it exits with: is-enabled exits with 1 for "disabled".
        var run = await _machine.RunAsync(script);
        return run.Out.Trim();
    }
}
