namespace ChunkOta.Tests.Support;

/// <summary>A root folder that holds the published static agent and /dev/urandom: no library, no /etc, no /tmp.</summary>
/// <remarks>Needs root, as CI is, or a kernel that gives users a namespace of their own; it fails, not skips, without.</remarks>
internal sealed class Jail : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _agent;

    private Jail(string published, string options, string? emulator)
    {
        Put("ota-agent", published, $"Agent/Cli/publish.sh{options} makes it, as ./test.sh does");
        if (emulator is not null) Put("emulator", emulator, "eng/packages.sh arm64 installs it");
        _agent = emulator is null ? ["/ota-agent"] : ["/emulator", "/ota-agent"];
        Directory.CreateDirectory(this["dev"]);
        using var device = System.Diagnostics.Process.Start("mknod", ["-m", "444", this["dev/urandom"], "c", "1", "9"]);
        device.WaitForExit();
    }

    /// <summary>The link that a release of product app runs from, as seen from outside.</summary>
    public string Current => this["home/app/current"];

    /// <summary>The full path, outside, of a name in the jail.</summary>
    public string this[string name] => _folder[name];

    /// <summary>A jail with the agent for linux-x64.</summary>
    public static Jail ForX64() => new(Repository.PathOf("artifacts/ota-agent"), "", null);

    /// <summary>A jail with the agent for linux-arm64 and an emulator for it, itself one static file.</summary>
    public static Jail ForArm64() => new(
        Repository.PathOf("artifacts/linux-arm64/ota-agent"), " --rid linux-arm64", "/usr/bin/qemu-aarch64-static");

    /// <summary>Runs the agent in the jail, with /home for a home.</summary>
    public Task<ProgramRun> RunAsync(params IEnumerable<string> arguments)
    {
        string[] enter = Environment.IsPrivilegedProcess ? ["chroot"] : ["unshare", "--map-root-user", "chroot"];
        var environment = new Dictionary<string, string?> { ["OTA_HOME"] = "/home" };
        // A child begins with its parent's peak of memory: this shell, which waits for it, has a small one.
        string[] shell = ["-c", "\"$@\"; exit $?", "sh"];
        return ProgramRun.RunAsync(environment, "sh", [.. shell, .. enter, _folder.Path, .. _agent, .. arguments]);
    }

    public void Dispose() => _folder.Dispose();

    private void Put(string name, string source, string remedy)
    {
        Assert.True(File.Exists(source), $"{source} is missing; {remedy}");
        File.Copy(source, this[name]);
    }
}
