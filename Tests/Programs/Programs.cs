namespace ChunkOta.Tests.Support;

/// <summary>The programs as they were built, each in its own output folder with just what it ships.</summary>
/// <remarks>The tests' own output folder would lend them the tests' dependencies.</remarks>
internal static class Programs
{
#if DEBUG
    private const string Configuration = "Debug";
#else
    private const string Configuration = "Release";
#endif

    public static string Admin { get; } = PathOf("Server/Admin", "ota-admin");

    public static string Agent { get; } = PathOf("Agent/Cli", "ota-agent");

    /// <summary>The agent as it ships, whatever the other tests run.</summary>
    public static string StaticAgent { get; } = Repository.PathOf("artifacts/ota-agent");

    public static string Server { get; } = PathOf("Server/Host", "ota-server");

    /// <summary>The start of an ota-admin command line.</summary>
    public static IReadOnlyList<string> AdminCommand { get; } = CommandOf("ota-admin", Admin);

    /// <summary>The start of an ota-agent command line.</summary>
    public static IReadOnlyList<string> AgentCommand { get; } = CommandOf("ota-agent", Agent);

    /// <summary>The static program that ships, if the run built it; otherwise the assembly, which starts much more
    /// slowly. A run says so in its environment, because an older file could lie in artifacts.</summary>
    private static string[] CommandOf(string name, string assembly) =>
        Environment.GetEnvironmentVariable("OTA_TEST_PROGRAMS") == "static"
            ? [Repository.PathOf($"artifacts/{name}")]
            : ["dotnet", assembly];

    private static string PathOf(string project, string name) =>
        Repository.PathOf($"{project}/bin/{Configuration}/net10.0/{name}.dll");
}
