using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Durable.Programs;

public sealed class BoundedProgramTests
{
    private static readonly TimeSpan Ample = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("kill -TERM $$", 128 + 15)]
    public void The_exit_code_is_told(string script, int exitCode)
    {
        var outcome = Run(script, Ample);

        Assert.Equal((exitCode, false), (outcome.ExitCode, outcome.IsTimedOut));
    }

    [Fact]
    public void Both_outputs_are_kept_and_the_environment_is_only_what_was_given()
    {
        var outcome = BoundedProgram.Run(
            new ProgramOrder(["/bin/sh", "-c", "echo $A; echo ${HOME-none} >&2; cat"], ["A=one two"], Ample),
            TimeProvider.System,
            CancellationToken.None);

        Assert.Equal("one two\nnone\n", outcome.Output);
    }

    [Fact]
    public void Only_the_end_of_an_endless_output_is_kept()
    {
        var outcome = Run("head -c 1000000 /dev/zero | tr '\\0' x; echo end", Ample);

        Assert.Equal(BoundedProgram.MaxOutputBytes, outcome.Output.Length);
        Assert.EndsWith("xxend\n", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_hangs_is_killed_with_all_that_it_started()
    {
        using var folder = new TemporaryFolder();
        var pids = folder["pids"];

        var outcome = Run($"sleep 1000 & echo $! > {pids}; echo $$ >> {pids}; wait", TimeSpan.FromSeconds(1));

        Assert.Equal((128 + 9, true), (outcome.ExitCode, outcome.IsTimedOut));
        await AssertGoneAsync(pids);
    }

    [Fact]
    public async Task What_a_program_leaves_behind_does_not_delay_its_end_and_is_killed()
    {
        using var folder = new TemporaryFolder();
        var pids = folder["pids"];

        var outcome = Run($"sleep 1000 & echo $! > {pids}; echo started", Ample);

        Assert.Equal((0, false, "started\n"), (outcome.ExitCode, outcome.IsTimedOut, outcome.Output));
        await AssertGoneAsync(pids);
    }

    [Fact]
    public async Task A_cancelled_program_is_killed()
    {
        using var folder = new TemporaryFolder();
        var pids = folder["pids"];
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(1));

        Assert.ThrowsAny<OperationCanceledException>(() => BoundedProgram.Run(
            new ProgramOrder(["/bin/sh", "-c", $"echo $$ > {pids}; exec sleep 1000"], [], Ample),
            TimeProvider.System,
            cancel.Token));

        await AssertGoneAsync(pids);
    }

    [Fact]
    public void A_program_that_is_not_there_is_named()
    {
        var failure = Assert.Throws<ChunkOtaException>(() => BoundedProgram.Run(
            new ProgramOrder(["/nowhere/check"], [], Ample), TimeProvider.System, CancellationToken.None));

        Assert.Equal(ErrorCodes.IoError, failure.Code);
        Assert.StartsWith("/nowhere/check cannot be started: ", failure.Message, StringComparison.Ordinal);
    }

    private static ProgramOutcome Run(string script, TimeSpan limit) => BoundedProgram.Run(
        new ProgramOrder(["/bin/sh", "-c", script], ["PATH=/usr/bin:/bin"], limit),
        TimeProvider.System,
        CancellationToken.None);

    private static async Task AssertGoneAsync(string pids)
    {
        var numbers = File.ReadAllLines(pids);
        Assert.NotEmpty(numbers);
        // A signal takes a moment, and a killed process stays in /proc until its parent, by now the system, has seen
        // it.
        foreach (var pid in numbers)
            await Eventually.Async($"the end of process {pid}", () => !IsAlive(pid));
    }

    private static bool IsAlive(string pid)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/stat").First().Split(')')[1].TrimStart()[0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }
}
