namespace ChunkOta.Tests.Packages;

/// <summary>Packages are installed, removed and purged as Debian's policy says.</summary>
[Trait("Category", "Package")]
public sealed class PackageLifeTests
{
    [Fact]
    public async Task A_purge_leaves_nothing_but_the_data()
    {
        await using var machine = await DebianMachine.BootAsync(Distribution.Packages("amd64"));
        var before = await FilesAsync(machine);

        await SucceedsAsync(machine, "apt-get install -y ./chunkota-*.deb");
        Assert.Equal("disabled", (await machine.RunAsync("systemctl is-enabled chunkota-agent.service")).Out.Trim());
        Assert.Equal("inactive", (await machine.RunAsync("systemctl is-active chunkota-agent.service")).Out.Trim());
        await SucceedsAsync(machine, "systemctl is-active chunkota-server && systemctl is-enabled chunkota-server");

        // What an administrator changed stays, also when the package comes again.
        await SucceedsAsync(
            machine, "systemctl enable --now chunkota-agent.service; echo '{}' > /etc/chunkota/server.json");
        await SucceedsAsync(machine, "systemctl disable --now chunkota-server");
        await SucceedsAsync(machine, "apt-get install -y --reinstall ./chunkota-*.deb");
        await SucceedsAsync(machine, "systemctl is-active chunkota-agent.service");
        await SucceedsAsync(
            machine, "systemctl is-enabled chunkota-agent.service; grep -qx '{}' /etc/chunkota/server.json");
        Assert.Equal("disabled", (await machine.RunAsync("systemctl is-enabled chunkota-server")).Out.Trim());

        await SucceedsAsync(machine, "apt-get remove -y chunkota-server chunkota-admin chunkota-agent");
        await SucceedsAsync(machine, "test -e /etc/chunkota/server.json && test -e /var/lib/chunkota/admin.token");

        var purge = await machine.RunAsync("dpkg --purge chunkota-server chunkota-agent");
        Assert.Contains("/var/lib/chunkota", purge.Succeeded().Out + purge.Error, StringComparison.Ordinal);
        await SucceedsAsync(machine, "test -e /var/lib/chunkota/admin.token && rm -r /var/lib/chunkota /opt/chunkota");
        Assert.Equal(before, await FilesAsync(machine));
    }

    [Fact]
    public async Task A_package_with_a_timer_is_replaced_by_one_with_a_service()
    {
        await using var machine = await DebianMachine.BootAsync(Distribution.Packages("amd64"));
        // The package of before, as far as its timer goes.
        await SucceedsAsync(
            machine,
            """
            dpkg-deb --raw-extract ./chunkota-agent_*.deb old
            rm old/lib/systemd/system/*.service old/DEBIAN/md5sums old/DEBIAN/postinst old/DEBIAN/prerm
            printf '[Unit]\nDescription=Old\n[Timer]\nOnCalendar=hourly\n[Install]\nWantedBy=timers.target\n' \
              >old/lib/systemd/system/chunkota-agent.timer
            printf '[Service]\nType=oneshot\nExecStart=/usr/bin/ota-agent upgrade\n' \
              >old/lib/systemd/system/chunkota-agent.service
            sed -i 's/^Version: .*/Version: 0.0.1/' old/DEBIAN/control
            dpkg-deb --build old old.deb
            dpkg --install old.deb
            systemctl enable --now chunkota-agent.timer
            """);

        await SucceedsAsync(machine, "dpkg --install ./chunkota-agent_*.deb");

        Assert.Equal(
            "enabled active not-found inactive",
            (await machine.RunAsync(
                """
                echo $(systemctl is-enabled chunkota-agent.service) $(systemctl is-active chunkota-agent.service) \
                  $(systemctl show -P LoadState chunkota-agent.timer) $(systemctl is-active chunkota-agent.timer)
                """)).Out.Trim());
        await SucceedsAsync(machine, "! test -L /etc/systemd/system/timers.target.wants/chunkota-agent.timer");
    }

    private static async Task SucceedsAsync(DebianMachine machine, string script) =>
        (await machine.RunAsync(script)).Succeeded();

    /// <summary>The names of all files that packages could leave behind, without apt's and systemd's own.</summary>
    private static async Task<string> FilesAsync(DebianMachine machine) => (await machine.RunAsync(
        "find /etc /usr /lib /opt /var/lib -xdev -not -path '/var/lib/apt/*' -not -path '/var/lib/dpkg/*' "
        + "-not -path '/etc/*-' -not -name .pwd.lock -not -path '/var/lib/systemd/*' | sort")).Succeeded().Out;
}
