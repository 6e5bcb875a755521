using ChunkOta.Tests.Support;
using Xunit.Sdk;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>The tests' own programs: none is waited for without an end, and none outlives its test.</summary>
public sealed class ProgramRunTests
{
    private static readonly Dictionary<string, string?> Inherited = [];

    [Fact]
    public async Task A_program_that_does_not_end_fails_the_test_with_its_output_and_is_killed()
    {
        using var program = ProgramRun.Start(
            Inherited, "sh", "-c", "echo so far; echo and more >&2; exec sleep 1000");

        var failure = await Assert.ThrowsAnyAsync<XunitException>(
            () => ProgramRun.FinishAsync(program, TimeSpan.FromSeconds(3)));

        Assert.Contains("the end of sh -c", failure.Message, StringComparison.Ordinal);
        Assert.Contains("so far:\nso far\n\nand more\n", failure.Message, StringComparison.Ordinal);
        await program.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_program_and_its_children_end_with_its_owner()
    {
        string child;
        using (var program = ProgramRun.Start(Inherited, "sh", "-c", "sleep 1000 & echo $! >&2; wait"))
            child = await program.NextLineAsync(_ => true);

        await Eventually.Async("the end of the child", () => !IsRunning(child));
    }

    private static bool IsRunning(string id)
    {
        try
        {
            return !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
