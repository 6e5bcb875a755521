using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Catalogue;

public sealed class DeltaJobRulesTests : RulesFixture
{
    private readonly DeltaPair _pair;

    public DeltaJobRulesTests()
    {
        var (from, to) = (Release("1.0.0", 1), Release("1.0.1", 2));
        State.AddRelease(from);
        State.AddRelease(to);
        _pair = new DeltaPair(from.Manifest, to.Manifest);
    }

    private JobState Job => Assert.Single(State.Jobs).Job;

    [Fact]
    public void A_delta_of_an_unknown_release_is_not_queued()
    {
        var stray = new DeltaPair(_pair.From, Hash("stray"));

        Assert.Equal(
            "RELEASE_UNKNOWN", CodeOf(() => DeltaJobRules.Enqueue(State, stray, DeltaQuality.Best, 1, Now)));
        Assert.Empty(State.Jobs);
    }

    [Theory]
    [InlineData(DeltaQuality.Best, DeltaQuality.Quick, false)]
    [InlineData(DeltaQuality.Quick, DeltaQuality.Quick, false)]
    [InlineData(DeltaQuality.Quick, DeltaQuality.Best, true)]
    public void A_delta_that_was_built_as_well_or_better_is_not_queued(
        DeltaQuality built, DeltaQuality wanted, bool isQueued)
    {
        State.Built.Add((_pair, new BuildOutcome(built, IsStored: true, Evicted: null)));

        Assert.Equal(isQueued, Enqueue(wanted));
    }

    [Fact]
    public void A_delta_that_was_not_worth_storing_is_never_queued_again()
    {
        State.Built.Add((_pair, new BuildOutcome(DeltaQuality.Best, IsStored: false, Evicted: null)));

        Assert.False(Enqueue());
    }

    [Fact]
    public void An_evicted_delta_is_queued_again_after_a_day()
    {
        State.Built.Add((_pair, new BuildOutcome(DeltaQuality.Best, IsStored: false, Evicted: Now)));

        Assert.False(Enqueue(at: Now + IDeltaCatalogue.RemakeAfter - TimeSpan.FromSeconds(1)));
        Assert.True(Enqueue(at: Now + IDeltaCatalogue.RemakeAfter));
    }

    [Fact]
    public void A_job_that_is_queued_again_keeps_the_higher_priority()
    {
        foreach (var priority in new[] { 5, 3, 9, 1 })
            Assert.True(Enqueue(priority: priority));

        Assert.Equal(new JobState(1, 9, 0, Now), Job);
    }

    [Fact]
    public void A_claimed_job_belongs_to_its_worker_until_the_lease_ends()
    {
        Enqueue();

        Assert.Equal(1, DeltaJobRules.Claim(State, onlyQuick: false, Now));

        Assert.Equal(DeltaJobState.Running, DeltaJobRules.StateOf(Job, Now));
        Assert.Null(DeltaJobRules.Claim(State, onlyQuick: false, Now + IDeltaJobs.Lease - TimeSpan.FromSeconds(1)));
        Assert.Equal(1, DeltaJobRules.Claim(State, onlyQuick: false, Now + IDeltaJobs.Lease));
        Assert.Equal(2, Job.Attempts);
    }

    [Fact]
    public void A_renewed_lease_lasts_longer_and_a_job_that_ended_needs_none()
    {
        Enqueue();
        DeltaJobRules.Claim(State, onlyQuick: false, Now);

        DeltaJobRules.Renew(State, 1, 1, Now.AddSeconds(50));
        DeltaJobRules.Renew(State, 2, 1, Now);

        Assert.Equal(Now.AddSeconds(50) + IDeltaJobs.Lease, Job.LeasedUntil);
    }

    [Fact]
    public void A_claim_that_another_one_followed_changes_nothing()
    {
        Enqueue();
        DeltaJobRules.Claim(State, onlyQuick: false, Now);
        DeltaJobRules.Claim(State, onlyQuick: false, Now + IDeltaJobs.Lease);
        var held = Job;

        DeltaJobRules.Renew(State, 1, 1, Now + IDeltaJobs.Lease);
        DeltaJobRules.Fail(State, 1, 1, "late", Now + IDeltaJobs.Lease);
        DeltaJobRules.Return(State, 1, 1, TimeSpan.Zero, Now + IDeltaJobs.Lease);

        Assert.Equal(held, Job);
    }

    [Fact]
    public void A_worker_of_quick_jobs_leaves_best_ones()
    {
        Enqueue();

        Assert.Null(DeltaJobRules.Claim(State, onlyQuick: true, Now));
    }

    [Fact]
    public void The_pause_doubles_with_each_failure_until_the_job_is_given_up()
    {
        Enqueue();
        var now = Now;
        foreach (var pause in new[] { 30, 60, 120 })
        {
            Assert.Equal(DeltaJobState.Queued, DeltaJobRules.StateOf(Job, now));
            Assert.Equal(1, DeltaJobRules.Claim(State, onlyQuick: false, now));
            DeltaJobRules.Fail(State, 1, Job.Claims, "full", now);
            Assert.Equal((now.AddSeconds(pause), "full"), (Job.Due, Job.Error));
            now = Job.Due;
        }

        Assert.Equal(DeltaJobState.Failed, DeltaJobRules.StateOf(Job, now));
        Assert.Null(DeltaJobRules.Claim(State, onlyQuick: false, now));
    }

    [Fact]
    public void A_job_that_was_given_up_is_tried_again_when_it_is_asked_for_an_hour_later()
    {
        State.AddJob(_pair, DeltaQuality.Best, Now, new JobState(0, 1, IDeltaJobs.MaxAttempts, Now));

        Assert.False(Enqueue(at: Now + IDeltaJobs.RetryAfter - TimeSpan.FromSeconds(1)));
        Assert.True(Enqueue(at: Now + IDeltaJobs.RetryAfter));
        Assert.Equal(0, Job.Attempts);
    }

    [Fact]
    public void An_interrupted_attempt_does_not_count()
    {
        Enqueue();
        DeltaJobRules.Claim(State, onlyQuick: false, Now);

        DeltaJobRules.Return(State, 1, 1, TimeSpan.FromSeconds(30), Now);

        Assert.Equal(new JobState(1, 1, 0, Now.AddSeconds(30)) { Claims = 1 }, Job);
        Assert.Null(DeltaJobRules.Claim(State, onlyQuick: false, Now));
    }

    private bool Enqueue(DeltaQuality quality = DeltaQuality.Best, int priority = 1, DateTimeOffset? at = null) =>
        DeltaJobRules.Enqueue(State, _pair, quality, priority, at ?? Now);
}
