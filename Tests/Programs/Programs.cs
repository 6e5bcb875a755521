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

    public static string Server { get; } = PathOf("Server/Host", "ota-server");

    private static string PathOf(string project, string name) =>
        Repository.PathOf($"{project}/bin/{Configuration}/net10.0/{name}.dll");
}
