using ChunkOta.Chunking;
using ChunkOta.Server.Core;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace ChunkOta.Tests.Server.Deltas;

/// <summary>Who waits for a delta, and who does not: no device for what will not come soon.</summary>
public sealed class DeltaRequestsTests : IAsyncLifetime
{
    /// <summary>Far longer than a test: who waits waits for something else to end it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly List<Digest> _releases = [];
    private ICatalogue _catalogue = null!;
    private DeltaRequests _requests = null!;

    private DeltaPair Wanted => new(_releases[0], _releases[2]);

    private DeltaPair Other => new(_releases[1], _releases[2]);

    private DeltaPair Third => new(_releases[0], _releases[1]);

    public async ValueTask InitializeAsync()
    {
        _catalogue = SqliteCatalogue.Open(_folder["catalogue.db"], _time);
        await _catalogue.Identities.CreateProductAsync(new NewProduct(
            "app", null, new RootRecord(1, Digest.Of("root"u8), _time.GetUtcNow().AddDays(1), new byte[] { 1 })));
        for (var number = 1; number <= 3; number++) await PublishAsync(number);
        _requests = new DeltaRequests(
            _catalogue,
            new DeltaOptions { Workers = 1, PreviousReleases = 3, Patience = Patience, CacheBytes = 1 << 30 },
            _time, NullLogger<DeltaRequests>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _catalogue.DisposeAsync();
        _requests.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_check_waits_where_a_worker_is_free_until_the_delta_is_there()
    {
        var waiting = _requests.AwaitQuickAsync(Wanted, Patience, CancellationToken.None);

        Assert.False(waiting.IsCompleted);
        Assert.Equal((Wanted, DeltaQuality.Quick), await TakeAsync());
        _requests.Begin(Wanted);
        Assert.False(waiting.IsCompleted);
        _requests.Complete(Wanted);
        await waiting;
    }

    [Fact]
    public async Task A_check_waits_beside_a_best_delta_for_the_worker_that_makes_quick_ones_alone()
    {
        _requests.Begin(Other);

        var waiting = _requests.AwaitQuickAsync(Wanted, Patience, CancellationToken.None);

        Assert.False(waiting.IsCompleted);
        _requests.Complete(Other);
        Assert.False(waiting.IsCompleted);
        _requests.Complete(Wanted);
        await waiting;
    }

    [Fact]
    public async Task A_check_goes_on_when_its_delta_has_to_wait_for_another()
    {
        var waiting = _requests.AwaitQuickAsync(Wanted, Patience, CancellationToken.None);
        _requests.Begin(Wanted);

        _requests.WakeWaiters(Wanted);

        await waiting.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_check_does_not_wait_where_every_worker_has_another_job_but_the_delta_is_asked_for()
    {
        _requests.Begin(Other);
        _requests.Begin(Third);

        await _requests.AwaitQuickAsync(Wanted, Patience, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((Wanted, DeltaQuality.Quick), await TakeAsync());
    }

    [Fact]
    public async Task A_check_waits_for_a_worker_that_has_its_pair_already()
    {
        _requests.Begin(Wanted);
        _requests.Begin(Other);

        var waiting = _requests.AwaitQuickAsync(Wanted, Patience, CancellationToken.None);

        Assert.False(waiting.IsCompleted);
        _requests.Complete(Wanted);
        await waiting;
    }

    [Fact]
    public async Task A_worker_that_is_done_is_free()
    {
        _requests.Begin(Other);
        _requests.Begin(Third);
        _requests.Complete(Other);

        var waiting = _requests.AwaitQuickAsync(Wanted, Patience, CancellationToken.None);

        Assert.False(waiting.IsCompleted);
        _requests.Complete(Wanted);
        await waiting;
    }

    [Fact]
    public async Task All_checks_for_a_pair_go_on_when_its_delta_is_there()
    {
        var first = _requests.AwaitQuickAsync(Wanted, Patience, CancellationToken.None);
        var second = _requests.AwaitQuickAsync(Wanted, Patience, CancellationToken.None);

        Assert.False(second.IsCompleted);
        _requests.Complete(Wanted);

        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task A_start_queues_the_deltas_to_a_held_release_too()
    {
        await PublishAsync(4, holds: true);

        await _requests.EnqueueAllAsync(CancellationToken.None);

        var jobs = await _catalogue.DeltaJobs.ListAsync("app");
        Assert.Equal(
            [_releases[2], _releases[3]],
            jobs.Select(job => job.Pair.To).Distinct().OrderBy(goal => _releases.IndexOf(goal)));
    }

    [Fact]
    public async Task A_channel_needs_the_deltas_from_what_its_devices_run_and_from_its_current_release()
    {
        await PublishAsync(4, holds: true);
        var goal = (await _catalogue.Releases.FindReleaseAsync(_releases[3]))!;
        await ReportAsync("stable", _releases[0]);
        await ReportAsync("beta", _releases[1]);
        await ReportAsync("stable", Digest.Of("unknown"u8));

        var sources = await _requests.EnqueueNeededAsync(goal, "stable", CancellationToken.None);

        Assert.Equal([_releases[0], _releases[2]], sources.OrderBy(from => _releases.IndexOf(from)));
        var jobs = await _catalogue.DeltaJobs.ListAsync("app");
        Assert.Equal(
            sources.Select(from => (new DeltaPair(from, goal.Manifest), DeltaQuality.Best)).ToHashSet(),
            jobs.Select(job => (job.Pair, job.Quality)).ToHashSet());
    }

    private async Task ReportAsync(string channel, Digest running)
    {
        var token = new TokenRecord
        {
            Id = $"{channel} {running}",
            SecretDigest = Digest.Of("secret"u8),
            Role = AccessRole.Install,
            Product = "app",
            Channel = channel,
            Created = _time.GetUtcNow(),
        };
        await _catalogue.Identities.AddTokenAsync(token);
        var device = await _catalogue.Devices.EnrolAsync(new Enrolment(token.Id, new byte[32], "any", "1"));
        await _catalogue.Devices.PutReportAsync(new DeviceReport
        {
            DeviceId = device.Id,
            Received = _time.GetUtcNow(),
            Product = "app",
            Platform = "any",
            Channel = channel,
            Running = running,
            State = 1,
        });
    }

    private async Task<(DeltaPair, DeltaQuality)?> TakeAsync() =>
        await _catalogue.DeltaJobs.ClaimAsync() is { } job ? (job.Pair, job.Quality) : null;

    private async Task PublishAsync(int number, bool holds = false)
    {
        var release = new NewRelease
        {
            Product = "app",
            Platform = "any",
            Version = $"1.{number}.0",
            Counter = (ulong)number,
            Manifest = Digest.Of([(byte)number]),
            ManifestPayloadBytes = 1,
            ManifestEnvelopeBytes = 1,
            Published = _time.GetUtcNow(),
            LogicalBytes = 0,
            FileCount = 0,
            ChunkCount = 0,
            Files = [],
            Chunks = [],
        };
        var pointer = new NewPointer
        {
            Product = "app",
            Platform = "any",
            Channel = "stable",
            Seq = (ulong)number,
            Digest = Digest.Of([7, (byte)number]),
            Current = release.Manifest,
            Counter = release.Counter,
            Issued = _time.GetUtcNow(),
            Expires = _time.GetUtcNow().AddDays(1),
            Envelope = new byte[] { 1 },
        };
        var lease = await _catalogue.Publishes.BeginAsync(new NewPublish
        {
            Product = "app",
            Platform = "any",
            Version = release.Version,
            Channel = "stable",
            Allowances = Allowances.Empty | Allowances.Shrink,
        });
        await _catalogue.Releases.CommitAsync(lease.Id, release, holds ? null : pointer);
        _releases.Add(release.Manifest);
    }
}
