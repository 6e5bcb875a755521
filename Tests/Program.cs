using ChunkOta.Tests.Support;

namespace ChunkOta.Tests;

/// <summary>This assembly run by itself: the child process of a crash test.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is not ["crash", var scenario, var folder])
        {
            await Console.Error.WriteLineAsync("Tests run by ./test.sh; this is for their child processes alone.");
            return 2;
        }

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
