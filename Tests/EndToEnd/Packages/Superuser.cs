using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Packages;

/// <summary>Runs commands as root: as CI is, or by sudo.</summary>
internal static class Superuser
{
    private static readonly Dictionary<string, string?> Inherited = [];

    private static readonly string[] Command = Environment.IsPrivilegedProcess ? ["env"] : ["sudo", "env"];

    public static OwnedProcess Start(params IEnumerable<string> command) =>
        ProgramRun.Start(Inherited, Command, command);

    public static Task<ProgramRun> RunAsync(params IEnumerable<string> command) =>
        ProgramRun.RunAsync(Inherited, Command, command);
}
