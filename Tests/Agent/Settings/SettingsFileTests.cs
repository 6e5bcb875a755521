using ChunkOta.Agent;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Settings;

public sealed class SettingsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_says_how_the_releases_of_a_product_prove_themselves()
    {
        var settings = Load(
            """
            {
              // Keys may have any case.
              "products": {
                "editor": {
                  "AfterSwitch": ["/bin/systemctl", "restart", "editor"],
                  "Health": { "Command": ["/opt/check"], "NeedsConfirmation": true, "DeadlineSeconds": 120,
                    "NeedsStart": true, "MaxStarts": 5 },
                },
              },
            }
            """);

        var policy = settings.Products["editor"];
        Assert.Equal(["/bin/systemctl", "restart", "editor"], policy.AfterSwitch);
        Assert.Equal(["/opt/check"], policy.Health.Command);
        Assert.True(policy.Health.NeedsConfirmation);
        Assert.Equal(120, policy.Health.DeadlineSeconds);
        Assert.Equal((true, 30, 5), (policy.Health.NeedsStart, policy.Health.StartSeconds, policy.Health.MaxStarts));
        Assert.Equal((60, 3), (policy.Health.CommandSeconds, policy.Health.MaxAttempts));
        Assert.Empty(policy.BeforeSwitch);
    }

    [Fact]
    public void A_file_names_the_two_slots_of_a_product()
    {
        var settings = Load(SlotsOf("/dev/one", "/dev/other", "grub"));

        var slots = settings.Products["editor"].Slots!;
        Assert.Equal(("/dev/one", "/dev/other"), (slots.A, slots.B));
        Assert.Equal((SlotSettings.Grub, "/boot/env"), (slots.Bootloader, slots.Environment));
    }

    [Theory]
    [InlineData("/dev/one", "/dev/one", "grub", "must be two slots")]
    [InlineData("/dev/one", "/dev/other", "lilo", "Bootloader must be grub, uboot or simulated, not 'lilo'")]
    public void Slots_that_cannot_work_are_refused(string one, string other, string bootloader, string fault)
    {
        var failure = Assert.ThrowsAny<ChunkOtaException>(() => Load(SlotsOf(one, other, bootloader)));

        Assert.Equal(ErrorCodes.ConfigInvalid, failure.Code);
        Assert.Contains(fault, failure.Message);
    }

    [Fact]
    public void Settings_are_what_an_editor_of_another_system_writes()
    {
        var path = _folder["ota-agent.json"];
        File.WriteAllBytes(path, [0xef, 0xbb, 0xbf, .. "{\r\n\"Products\": {}\r\n}\r\n"u8]);

        Assert.Empty(SettingsFile.Load(path, isRoot: false, _ => null, []).Products);
    }

    [Theory]
    [InlineData("""{ "Product": {} }""", "Product")]
    [InlineData("""{ "Products": { "editor": { "Health": { "Comand": [] } } } }""", "Comand")]
    [InlineData("""{ "Products": {}, "Products": {} }""", "Products")]
    [InlineData("""{ "Products": null }""", "Products")]
    [InlineData("""{ "Products": { "editor": null } }""", "editor")]
    [InlineData("""{ "Products": { "editor": { "AfterSwitch": [null] } } }""", "AfterSwitch")]
    [InlineData("""{ "Products": { "Two Words": {} } }""", "Two Words")]
    [InlineData("""{ "Products": { "editor": { "AfterSwitch": ["systemctl"] } } }""", "absolute path")]
    [InlineData("""{ "Products": { "editor": { "HookSeconds": 0 } } }""", "HookSeconds must be from 1 to 86400, not 0")]
    [InlineData("""{ "Products": { "editor": { "Health": { "MaxAttempts": 101 } } } }""", "MaxAttempts")]
    [InlineData("""{ "Products": { "editor": { "Health": { "MaxStarts": 0 } } } }""", "MaxStarts")]
    [InlineData("""{ "Products": { "editor": { "Health": { "StartSeconds": 0 } } } }""", "StartSeconds")]
    [InlineData("""{ "Products": { "editor": { "Health": { "DeadlineSeconds": "1h" } } } }""", "DeadlineSeconds")]
    [InlineData("""{ "MinimumBytesPerSecond": 0 }""", "MinimumBytesPerSecond must be from 1 to 1000000000, not 0")]
    [InlineData("""{ "StallSeconds": 3601 }""", "StallSeconds must be from 1 to 3600, not 3601")]
    [InlineData("""{ "Products": { "editor": { "Slots": { "A": "a" } } } }""", "Slots:A must be an absolute path")]
    [InlineData("""{ "Products": { "editor": { "Slots": { "C": "/c" } } } }""", "C")]
    [InlineData("null", "null")]
    [InlineData("", "")]
    [InlineData("{", "")]
    public void What_is_wrong_is_named_with_the_file(string text, string named)
    {
        var failure = Assert.Throws<ChunkOtaException>(() => Load(text));

        Assert.Equal(ErrorCodes.ConfigInvalid, failure.Code);
        Assert.StartsWith($"{_folder["ota-agent.json"]} cannot be used: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', failure.Message);
    }

    [Theory]
    [InlineData("""{ "Watch": { "PollSeconds": -1 } }""", "Watch:PollSeconds must be from 0")]
    [InlineData("""{ "Watch": { "PollSeconds": null } }""", "PollSeconds must not be null")]
    [InlineData("""{ "Watch": { "Niceness": 20 } }""", "Watch:Niceness must be from 0 to 19, not 20")]
    [InlineData("""{ "Watch": { "DownloadBytesPerSecond": 100 } }""", "Watch:DownloadBytesPerSecond")]
    [InlineData(
        """{ "MinimumBytesPerSecond": 2000, "Watch": { "DownloadBytesPerSecond": 10000 } }""",
        "Watch:DownloadBytesPerSecond must be at least 8 times")]
    [InlineData("""{ "Watch": { "MaintenanceWindows": ["at night"] } }""", "Watch:MaintenanceWindows")]
    [InlineData("""{ "Watch": { "DownloadLimitHours": ["08:00"] } }""", "Watch:DownloadLimitHours")]
    [InlineData("""{ "Watch": { "TimeZone": "Europe/Atlantis" } }""", "Watch:TimeZone")]
    [InlineData("""{ "Watch": { "PowerSupplyFolder": "power" } }""", "Watch:PowerSupplyFolder")]
    [InlineData("""{ "Products": { "editor": { "Mode": "hard" } } }""", "Products:editor:Mode must be forced, soft")]
    [InlineData("""{ "Products": { "editor": { "DeadlineHours": 0 } } }""", "Products:editor:DeadlineHours")]
    public void What_is_wrong_with_watch_is_named(string text, string named)
    {
        var failure = Assert.Throws<ChunkOtaException>(() => Load(text));

        Assert.Equal(ErrorCodes.ConfigInvalid, failure.Code);
        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Assignments_win_over_the_file_and_the_later_one_over_the_earlier()
    {
        var settings = Load(
            """
            {
              "Watch": { "PollSeconds": 60, "Niceness": 5 },
              "Products": { "editor": { "Mode": "soft", "AfterSwitch": ["/bin/true"], "Health": { "MaxAttempts": 5 } } }
            }
            """,
            ("Watch:PollSeconds", "30"),
            ("watch:pollseconds", "90"),
            ("Watch:PauseOnBattery", "true"),
            ("Watch:MaintenanceWindows:1", "Sat 10:00-12:00"),
            ("Watch:MaintenanceWindows:0", "22:00-05:00"),
            ("Watch:DownloadLimitHours", """["08:00-18:00"]"""),
            ("Watch:TimeZone", "+02:00"),
            ("Products:editor:Mode", "Deadline"),
            ("Products:editor:Health:NeedsConfirmation", "true"));

        var watch = settings.Watch;
        Assert.Equal((90, 5, true), (watch.PollSeconds, watch.Niceness, watch.PauseOnBattery));
        Assert.Equal(["22:00-05:00", "Sat 10:00-12:00"], settings.Watch.MaintenanceWindows);
        Assert.Equal(["08:00-18:00"], settings.Watch.DownloadLimitHours);
        Assert.Equal("+02:00", settings.Watch.TimeZone);
        var editor = settings.Products["editor"];
        Assert.Equal(UpdateMode.Deadline, editor.Mode);
        Assert.Equal((5, true), (editor.Health.MaxAttempts, editor.Health.NeedsConfirmation));
        Assert.Equal(["/bin/true"], editor.AfterSwitch);
    }

    [Theory]
    [InlineData("Watch:PolSeconds", "60", "PolSeconds")]
    [InlineData("Watch:", "60", "'Watch:' is not a setting")]
    [InlineData("Watch", "60", "Watch")]
    [InlineData("Watch:PollSeconds", "soon", "PollSeconds")]
    [InlineData("Watch:PollSeconds", "60 seconds", "PollSeconds")]
    public void What_is_wrong_with_an_assignment_is_named(string key, string value, string named)
    {
        var failure = Assert.Throws<ChunkOtaException>(() => Load("{}", (key, value)));

        Assert.Equal(ErrorCodes.ConfigInvalid, failure.Code);
        Assert.StartsWith("the settings of the environment and the command line cannot be used: ", failure.Message,
            StringComparison.Ordinal);
        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_named_must_exist_and_the_usual_one_need_not()
    {
        Assert.Throws<ChunkOtaException>(() => SettingsFile.Load(_folder["nowhere"], isRoot: false, _ => null, []));
        Assert.Empty(SettingsFile.Load(null, isRoot: false, name => name == "HOME" ? _folder.Path : null, []).Products);
    }

    [Theory]
    [InlineData(true, null, "/home/a", "/etc/chunkota/ota-agent.json")]
    [InlineData(false, "/config", "/home/a", "/config/chunkota/ota-agent.json")]
    [InlineData(false, "relative", "/home/a", "/home/a/.config/chunkota/ota-agent.json")]
    [InlineData(false, null, null, null)]
    public void The_usual_file_is_that_of_the_system_or_of_the_user(
        bool isRoot, string? config, string? home, string? path)
    {
        Assert.Equal(
            path,
            SettingsFile.UsualPath(
                isRoot, name => name == "XDG_CONFIG_HOME" ? config : name == "HOME" ? home : null));
    }

    private AgentSettings Load(string text, params (string Key, string Value)[] assignments)
    {
        var path = _folder["ota-agent.json"];
        File.WriteAllText(path, text);
        return SettingsFile.Load(
            path,
            isRoot: false,
            _ => null,
            [.. assignments.Select(assignment => KeyValuePair.Create(assignment.Key, assignment.Value))]);
    }

    private static string SlotsOf(string one, string other, string bootloader) =>
        $$"""
        { "Products": { "editor": { "Slots": {
          "A": "{{one}}", "B": "{{other}}", "Bootloader": "{{bootloader}}", "Environment": "/boot/env"
        } } } }
        """;
}
