namespace ChunkOta.Tests.Support;

/// <summary>A root folder that holds the published static agent and /dev/urandom: no library, no /etc, no /tmp.</summary>
/// <remarks>Needs root, as CI is, or a kernel that gives users a namespace of their own; it fails, not skips, without.</remarks>
internal sealed class Jail : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public Jail()
    {
        Assert.True(File.Exists(AgentPath), $"{AgentPath} is missing; Agent/Cli/publish.sh makes it, as ./test.sh does");
        File.Copy(AgentPath, this["ota-agent"]);
        Directory.CreateDirectory(this["dev"]);
        using var device = System.Diagnostics.Process.Start("mknod", ["-m", "444", this["dev/urandom"], "c", "1", "9"]);
        device.WaitForExit();
    }

    /// <summary>What <c>Agent/Cli/publish.sh</c> leaves.</summary>
    public static string AgentPath { get; } = Repository.PathOf("artifacts/ota-agent");

    /// <summary>The link that a release of product app runs from, as seen from outside.</summary>
    public string Current => this["home/app/current"];

    /// <summary>The full path, outside, of a name in the jail.</summary>
    public string this[string name] => _folder[name];

    /// <summary>Runs the agent in the jail, with /home for a home.</summary>
    public Task<ProgramRun> RunAsync(params IEnumerable<string> arguments)
    {
        string[] enter = Environment.IsPrivilegedProcess ? ["chroot"] : ["unshare", "--map-root-user", "chroot"];
        var environment = new Dictionary<string, string?> { ["OTA_HOME"] = "/home" };
        // A child begins with its parent's peak of memory: this shell, which waits for it, has a small one.
        string[] shell = ["-c", "\"$@\"; exit $?", "sh"];
        return ProgramRun.RunAsync(environment, "sh", [.. shell, .. enter, _folder.Path, "/ota-agent", .. arguments]);
    }

    public void Dispose() => _folder.Dispose();
}
