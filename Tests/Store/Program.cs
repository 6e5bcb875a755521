using Xunit.Runner.InProc.SystemConsole;

namespace ChunkOta.Tests.Store;

/// <summary>The runner of the tests, and, as <c>crash SCENARIO FOLDER</c>, the child process of a crash test.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is not ["crash", var scenario, var folder]) return await ConsoleRunner.Run(arguments);

        try
        {
            await CrashScenarios.All[scenario](folder);
            return 0;
        }
        catch (ChunkOtaException e)
        {
            await Console.Error.WriteLineAsync($"error {e.Code}: {e.Message}");
            return 1;
        }
    }
}
