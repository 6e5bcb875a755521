using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Admin;

/// <summary>
/// The real ota-admin as a process of its own, with none of our settings in its environment but those given.
/// </summary>
internal static class AdminProcess
{
    /// <summary>Runs one command to its end with an empty standard input.</summary>
    public static Task<ProgramRun> RunAsync(params string[] arguments) =>
        ProgramRun.RunAsync(Without([]), "dotnet", [Programs.Admin, .. arguments]);

    /// <summary>Runs one command to its end with these settings in its environment.</summary>
    public static Task<ProgramRun> RunInAsync(
        IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        ProgramRun.RunAsync(Without(environment), "dotnet", [Programs.Admin, .. arguments]);

    /// <summary>Runs one command through a shell, which redirects its output.</summary>
    /// <param name="redirection">Such as <c>&gt;/dev/full</c>.</param>
    public static Task<ProgramRun> RunRedirectedAsync(string redirection, params string[] arguments) =>
        ProgramRun.RunAsync(
            Without([]), "sh", ["-c", $"exec dotnet \"$@\" {redirection}", "sh", Programs.Admin, .. arguments]);

    /// <summary>Runs one command to its end, which reads a file as standard input.</summary>
    public static Task<ProgramRun> RunWithInputAsync(string file, params string[] arguments) =>
        ProgramRun.RunAsync(
            Without([]), "sh",
            ["-c", "file=$1; shift; exec dotnet \"$@\" <\"$file\"", "sh", file, Programs.Admin, .. arguments]);

    /// <summary>Starts a command; the caller ends it.</summary>
    public static OwnedProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        ProgramRun.Start(Without(environment), "dotnet", [Programs.Admin, .. arguments]);

    private static Dictionary<string, string?> Without(IEnumerable<KeyValuePair<string, string>> given)
    {
        // A folder that nobody makes: the profiles of whoever runs the tests are not read.
        var environment = new Dictionary<string, string?> { ["XDG_CONFIG_HOME"] = "/nowhere" };
        foreach (var name in (string[])["SERVER", "TOKEN", "CA", "PROFILE", "KEYS", "PRODUCT", "CHANNEL", "PLATFORM"])
            environment[$"OTA_{name}"] = null;
        foreach (var (name, value) in given) environment[name] = value;
        return environment;
    }
}
