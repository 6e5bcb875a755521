using System.Diagnostics;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Packages;

/// <summary>
/// A fresh Debian 12 that has booted, with systemd, in namespaces of its own: it reaches itself alone.
/// </summary>
/// <remarks>Needs root, as CI is, or sudo.</remarks>
internal sealed class DebianMachine : IAsyncDisposable
{
    private static readonly TimeSpan BootTimeout = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();
    private OwnedProcess? _boot;
    private int _init;

    private DebianMachine()
    {
    }

    /// <summary>The folder that the machine's root file system is in, as seen from outside.</summary>
    public string Root => _folder["root"];

    /// <summary>Boots a machine that has these files in <c>/root</c> and these host names for its own.</summary>
    public static async Task<DebianMachine> BootAsync(IEnumerable<string> files, params string[] hostNames)
    {
        var machine = new DebianMachine();
        try
        {
            await machine.UnpackAsync(files, hostNames);
            await machine.BootAsync();
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a script in the machine, as root in <c>/root</c>, until its first failure.</summary>
    public Task<ProgramRun> RunAsync(string script) => Superuser.RunAsync(
        "nsenter", "--target", $"{_init}", "--all", "env", "-i", "-C", "/root",
        "HOME=/root", "USER=root", "LANG=C.UTF-8", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
        "bash", "-euo", "pipefail", "-c", script);

    public async ValueTask DisposeAsync()
    {
        if (_boot is not null)
        {
            // Its first process takes all others with it.
            if (_init != 0) await Superuser.RunAsync("kill", "-KILL", $"{_init}");
            else if (!_boot.HasExited) _boot.Kill();
            await ProgramRun.FinishAsync(_boot);
            _boot.Dispose();
        }

        await Superuser.RunAsync("rm", "-rf", Root);
        _folder.Dispose();
    }

    private async Task UnpackAsync(IEnumerable<string> files, string[] hostNames)
    {
        Directory.CreateDirectory(Root);
        (await Superuser.RunAsync(
            "tar", "--extract", "--numeric-owner", "--zstd", "--directory", Root,
            "--file", Repository.PathOf("artifacts/debian-root.tar.zst"))).Succeeded();
        (await Superuser.RunAsync(["cp", .. files, $"{Root}/root/"])).Succeeded();
        var hosts = $"127.0.0.1 localhost updates {string.Join(' ', hostNames)}";
        (await Superuser.RunAsync(
            "sh", "-c", $"echo '{hosts}' >'{Root}/etc/hosts'; echo updates >'{Root}/etc/hostname'")).Succeeded();
    }

    private async Task BootAsync()
    {
        _boot = Superuser.Start(Repository.PathOf("eng/debian-machine/boot.sh"), Root);
        var deadline = Stopwatch.StartNew();
        while (_init == 0 || !await IsUpAsync())
        {
            Assert.True(
                deadline.Elapsed < BootTimeout && !_boot.HasExited,
                "the machine did not boot: "
                    + (_boot.HasExited ? await _boot.StandardError.ReadToEndAsync() : "it takes too long"));
            await Task.Delay(200, TestContext.Current.CancellationToken);
            _init = Descendants(_boot.Id).FirstOrDefault(id => NameOf(id) == "systemd");
        }
    }

    private async Task<bool> IsUpAsync()
    {
        var state = await RunAsync("systemctl is-system-running || true");
        return state.Out.Trim() is "running" or "degraded";
    }

    private static IEnumerable<int> Descendants(int id)
    {
        foreach (var child in ChildrenOf(id))
        {
            yield return child;
            foreach (var descendant in Descendants(child)) yield return descendant;
        }
    }

    private static int[] ChildrenOf(int id)
    {
        try
        {
            return [.. File.ReadAllText($"/proc/{id}/task/{id}/children")
                .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private static string NameOf(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/comm").Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
