using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Cli;

/// <summary>The self-test on lesser processors than this one, as the runtime can pretend to have.</summary>
public sealed class SelfTestTests
{
    [Theory]
    [InlineData("EnableAVX512", "Avx512")]
    [InlineData("EnableAVX2", "Avx2")]
    [InlineData("EnableAVX", "Avx2")]
    public async Task It_passes_where_newer_instructions_are_missing(string setting, string kernel)
    {
        var environment = new Dictionary<string, string?> { [$"DOTNET_{setting}"] = "0" };

        var run = (await ProgramRun.RunAsync(environment, "dotnet", Programs.Agent, "selftest")).Succeeded();

        Assert.Contains("ok   blake3 Rows\n", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain($"blake3 {kernel}", run.Out, StringComparison.Ordinal);
    }
}
