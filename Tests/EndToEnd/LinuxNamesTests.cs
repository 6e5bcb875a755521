using System.Text;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>Names that only Linux can hold, and versions with build metadata, from a publisher to a device.</summary>
public sealed class LinuxNamesTests
{
    private static readonly string[] Names =
    [
        @"lib/systemd/system-systemd\x2dcryptsetup.slice", @"\leading", @"C:\x", "img/\U0001f468\u200d\U0001f469.png",
        "\u0645\u06cc\u200c\u062e.txt", "aux.c", "name.", "name ", "a:b", "Makefile", "makefile",
    ];

    [Fact]
    public async Task A_release_that_is_not_portable_is_installed_upgraded_and_verified_name_by_name()
    {
        await using var rig = await Rig.StartAsync();
        var tree = rig.PathOf("tree");
        foreach (var name in Names)
            Write(tree, name, $"first {name}");
        Directory.CreateDirectory(Path.Combine(tree, @"empty\folder"));
        File.CreateSymbolicLink(Path.Combine(tree, @"to\it"), @"C:\x");

        (await rig.PublishAsync(tree, "1.4.2+b5", "--portable", "off")).Succeeded();
        var installed = (await rig.InstallAsync("--version", "1.4.2+b5")).Succeeded();
        AssertInstalled(rig, "first");
        foreach (var name in Names)
            Write(tree, name, $"second {name}");
        (await rig.PublishAsync(tree, "1.4.3+b6", "--portable", "off")).Succeeded();
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        AssertInstalled(rig, "second");
        (await rig.AgentAsync("verify", "app")).Succeeded();
        var status = (await rig.AgentAsync("status", "app")).Succeeded();
        var list = (await rig.AgentAsync("list")).Succeeded();
        var show = (await rig.AgentAsync("show", "app")).Succeeded();

        Assert.Contains("installed app 1.4.2+b5", installed.Out, StringComparison.Ordinal);
        Assert.Contains("1.4.3+b6", status.Out, StringComparison.Ordinal);
        Assert.Contains("1.4.3+b6", list.Out, StringComparison.Ordinal);
        Assert.Contains("previous  1.4.2+b5", show.Out, StringComparison.Ordinal);
        Assert.Equal("releases/1.4.3", new DirectoryInfo(rig.Current).LinkTarget);
    }

    /// <summary>Install tokens as editors write them; the agent reads text as ota-admin does.</summary>
    [Fact]
    public async Task An_install_token_may_have_a_mark_and_CRLF_and_is_refused_in_UTF16()
    {
        await using var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        var token = (await File.ReadAllTextAsync(rig.TokenFile)).Trim();

        await File.WriteAllTextAsync(rig.TokenFile, $"{token}\r\n", Encoding.Unicode);
        var refused = await rig.InstallAsync();
        await File.WriteAllTextAsync(rig.TokenFile, $"\ufeff{token}\r\n\r\n");
        var installed = await rig.InstallAsync();

        Assert.Equal(2, refused.ExitCode);
        Assert.Contains(
            "error CONFIG_INVALID: the file is not UTF-8 text: ", refused.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(token, refused.Error, StringComparison.Ordinal);
        installed.Succeeded();
    }

    private static void AssertInstalled(Rig rig, string revision)
    {
        foreach (var name in Names)
            Assert.Equal($"{revision} {name}", File.ReadAllText(Path.Combine(rig.Current, name)));
        Assert.True(Directory.Exists(Path.Combine(rig.Current, @"empty\folder")));
        Assert.Equal(@"C:\x", new FileInfo(Path.Combine(rig.Current, @"to\it")).LinkTarget);
    }

    private static void Write(string tree, string name, string content)
    {
        var path = Path.Combine(tree, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
}
