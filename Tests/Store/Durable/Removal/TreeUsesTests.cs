using System.Diagnostics;
using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Durable.Removal;

public sealed class TreeUsesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TreeUsesTests()
    {
        foreach (var tree in (string[])["used", "used-not", "other"])
            Directory.CreateDirectory(_folder[$"{tree}/bin"]);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cd used/bin; exec sleep 60", "sleep")]
    [InlineData("exec 3< used/bin; exec sleep 60", "sleep")]
    [InlineData("cp /bin/sleep used/bin/app; exec used/bin/app 60", "app")]
    [InlineData("cp /bin/sleep used/bin/app; used/bin/app 60 & until [ /proc/$!/exe -ef used/bin/app ]; "
        + "do sleep 0.01; done; rm used/bin/app; wait", "app")]
    public async Task A_process_that_uses_a_tree_is_found_with_its_name(string script, string program)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", ["-c", $"cd {_folder.Path}; {script}"]))!;
        try
        {
            await Eventually.Async(
                $"{program} runs", () => Find().GetValueOrDefault(_folder["used"])?.Name == program);
            var use = Find()[_folder["used"]];

            Assert.Equal($"process {use.ProcessId} ({program}) uses it", use.ToString());
            Assert.Equal([_folder["used"]], Find().Keys);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
        Assert.Empty(Find());
    }

    [Fact]
    public async Task A_tree_is_found_through_a_link_to_it_and_a_mount_in_it_is_a_use()
    {
        Fs.MakeSymlink(_folder.Path, _folder["link"]);
        Directory.CreateDirectory(_folder["used/a b"]);
        var linked = Path.Combine(_folder["link"], "used");

        await using (await SmallDisk.MountAsync(_folder["used/a b"], megabytes: 1))
        {
            var use = Assert.Single(TreeUses.Find([linked])).Value;
            Assert.Equal(new TreeUse(0, _folder["used/a b"]), use);
            Assert.EndsWith("a b is a mount point", use.ToString(), StringComparison.Ordinal);
        }

        Assert.Empty(TreeUses.Find([linked]));
    }

    private IReadOnlyDictionary<string, TreeUse> Find() =>
        TreeUses.Find([_folder["used"], _folder["used-not"], _folder["other"]]);
}
