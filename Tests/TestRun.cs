using System.Runtime.CompilerServices;

namespace ChunkOta.Tests.Support;

/// <summary>
/// The environment of the tests and of every program that they start, so that nothing of a run is left.
/// </summary>
internal static class TestRun
{
    /// <summary>The folder of this run, where <c>test.sh</c> looks for what is left; it is not set elsewhere.</summary>
    private const string Variable = "OTA_TEST_RUN";

    [ModuleInitializer]
    internal static void Prepare()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } run)
            Environment.SetEnvironmentVariable("TMPDIR", Path.Combine(run, "temporary"));
        // A program that is killed would leave the pipes of its diagnostics behind.
        Environment.SetEnvironmentVariable("DOTNET_EnableDiagnostics", "0");
    }
}
