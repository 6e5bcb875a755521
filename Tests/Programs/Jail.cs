namespace ChunkOta.Tests.Support;

/// <summary>
/// A root folder that holds a published static program and /dev/urandom: no library, no /etc, no /tmp.
/// </summary>
/// <remarks>
/// Needs root, as CI is, or a kernel that gives users a namespace of their own; it fails, not skips, without.
/// </remarks>
internal sealed class Jail : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _program;

    private Jail(string name, string published, string publish, string? emulator = null)
    {
        Put(name, published, $"{publish} makes it, as ./test.sh does");
        if (emulator is not null) Put("emulator", emulator, "eng/packages.sh arm64 installs it");
        _program = emulator is null ? [$"/{name}"] : ["/emulator", $"/{name}"];
        Directory.CreateDirectory(this["dev"]);
        using var device = System.Diagnostics.Process.Start("mknod", ["-m", "444", this["dev/urandom"], "c", "1", "9"]);
        Assert.True(device.WaitForExit(TimeSpan.FromMinutes(1)), "mknod did not end");
    }

    /// <summary>The link that a release of product app runs from, as seen from outside.</summary>
    public string Current => this["home/app/current"];

    /// <summary>The full path, outside, of a name in the jail.</summary>
    public string this[string name] => _folder[name];

    /// <summary>A jail with ota-agent for linux-x64.</summary>
    public static Jail ForAgent() => new("ota-agent", Repository.PathOf("artifacts/ota-agent"), "Agent/Cli/publish.sh");

    /// <summary>A jail with ota-agent for linux-arm64 and an emulator for it, itself one static file.</summary>
    public static Jail ForArm64Agent() => new(
        "ota-agent", Repository.PathOf("artifacts/linux-arm64/ota-agent"), "Agent/Cli/publish.sh --rid linux-arm64",
        "/usr/bin/qemu-aarch64-static");

    /// <summary>A jail with ota-admin for linux-x64.</summary>
    public static Jail ForAdmin() =>
        new("ota-admin", Repository.PathOf("artifacts/ota-admin"), "Server/Admin/publish.sh");

    /// <summary>Runs the program in the jail; an agent has /home for a home.</summary>
    public Task<ProgramRun> RunAsync(params IEnumerable<string> arguments)
    {
        string[] enter = Environment.IsPrivilegedProcess ? ["chroot"] : ["unshare", "--map-root-user", "chroot"];
        var environment = new Dictionary<string, string?> { ["OTA_HOME"] = "/home" };
        // A child inherits its parent's memory peak, and this shell has a small one.
        string[] shell = ["-c", "\"$@\"; exit $?", "sh"];
        return ProgramRun.RunAsync(environment, "sh", [.. shell, .. enter, _folder.Path, .. _program, .. arguments]);
    }

    public void Dispose() => _folder.Dispose();

    private void Put(string name, string source, string remedy)
    {
        Assert.True(File.Exists(source), $"{source} is missing; {remedy}");
        File.Copy(source, this[name]);
    }
}
