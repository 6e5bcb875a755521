using ChunkOta.Agent;
using ChunkOta.Chunking;

namespace ChunkOta.Tests.Agent.Trials;

public sealed class TrialRulesTests
{
    private static readonly HealthPolicy All = new()
    {
        Command = ["/bin/true"],
        NeedsConfirmation = true,
        DeadlineSeconds = 600,
        MaxAttempts = 3,
    };

    private static readonly BootTime Start = new("boot-1", 1000);
    private static readonly Trial Begun = TrialRules.Begin(All, Digest.Of("old"u8), null, Start);
    private static readonly Trial Proved =
        Begun with { HasPassedCommand = true, IsConfirmed = true };

    [Fact]
    public void A_release_is_kept_only_when_every_proof_was_given()
    {
        Assert.True(TrialRules.Judge(Proved, Start).IsPassed);
        Assert.True(TrialRules.Judge(Proved with { HasPassedCommand = false }, Start).IsOpen);
        Assert.True(TrialRules.Judge(Proved with { IsConfirmed = false }, Start).IsOpen);
    }

    [Fact]
    public void A_proof_that_is_not_asked_for_is_not_waited_for()
    {
        var confirmed = Begun with { Policy = new HealthPolicy { NeedsConfirmation = true }, IsConfirmed = true };

        Assert.True(TrialRules.Judge(confirmed, Start).IsPassed);
    }

    [Fact]
    public void A_start_is_a_proof_and_too_many_failed_ones_are_a_failure()
    {
        var trial = Begun with { Policy = new HealthPolicy { NeedsStart = true, MaxStarts = 2 } };
        var launches = new LaunchRecord { TrialId = trial.Id }.WithFailure("exited with 1");

        Assert.True(trial.Policy.AsksForProof);
        Assert.True(TrialRules.Judge(TrialRules.With(trial, null), Start).IsOpen);
        Assert.True(TrialRules.Judge(TrialRules.With(trial, launches), Start).IsOpen);
        Assert.Equal(
            "its program was started 2 times and was killed before it had run for long",
            TrialRules.Judge(
                TrialRules.With(trial, (launches with { Open = ["gone"] }).WithoutLost(_ => false)), Start).Failure);
        Assert.True(TrialRules.Judge(
            TrialRules.With(trial, launches with { Failed = 9, HasStarted = true }), Start).IsPassed);
    }

    [Theory]
    [InlineData(599, true)]
    [InlineData(600, false)]
    public void The_deadline_ends_a_trial(long elapsed, bool isOpen)
    {
        var verdict = TrialRules.Judge(Begun, Start with { UptimeSeconds = Start.UptimeSeconds + elapsed });

        Assert.Equal(isOpen, verdict.IsOpen);
        Assert.False(verdict.IsPassed);
        Assert.Equal(isOpen ? null : "its health check did not succeed within 600 s", verdict.Failure);
    }

    [Fact]
    public void A_proof_that_came_before_anybody_looked_counts_after_the_deadline()
    {
        Assert.True(TrialRules.Judge(Proved, Start with { UptimeSeconds = 100_000 }).IsPassed);
    }

    [Fact]
    public void A_boot_begins_the_deadline_again_but_not_for_ever()
    {
        var trial = Begun;
        for (var boot = 2; boot <= 4; boot++)
        {
            var now = new BootTime($"boot-{boot}", 5);
            trial = TrialRules.At(trial, now);
            Assert.Equal(boot - 1, trial.Boots);
            Assert.Equal(595, TrialRules.RemainingSeconds(trial, now));
            Assert.True(TrialRules.Judge(trial, now).IsOpen);
        }

        trial = TrialRules.At(trial, new BootTime("boot-5", 5));

        Assert.Equal(
            "the machine was booted 4 times and its health check did not succeed",
            TrialRules.Judge(trial, new BootTime("boot-5", 5)).Failure);
    }

    [Fact]
    public void The_same_boot_changes_nothing()
    {
        Assert.Same(Begun, TrialRules.At(Begun, Start with { UptimeSeconds = 2000 }));
    }

    [Fact]
    public void A_command_that_never_ends_is_not_started_for_ever()
    {
        Assert.True(TrialRules.Judge(Begun with { Checks = 3 }, Start).IsOpen);
        Assert.Equal(
            "its health check was started 3 times and never ended",
            TrialRules.Judge(Begun with { Checks = 4 }, Start).Failure);
    }
}
