using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using ChunkOta.Client;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Keeps all products of a home up to date for as long as the process runs: <c>ota-agent watch</c>.</summary>
/// <remarks>
/// One task decides and one timer waits, for the next moment at which something is due. Each product has its turn in a
/// task of its own, so one that hangs does not delay the others. SIGHUP reloads the settings and checks every product.
/// </remarks>
/// <param name="options">The agent's settings but for those that <paramref name="load"/> reads.</param>
/// <param name="load">Reads the file of settings.</param>
/// <param name="environment">Reads an environment variable.</param>
/// <param name="events">Told what happens, from any thread.</param>
/// <param name="clock">The clock.</param>
public sealed class Watcher(
    AgentOptions options,
    Func<AgentSettings> load,
    Func<string, string?> environment,
    IProgress<WatchEvent> events,
    TimeProvider clock)
{
    /// <summary>The time that runs get to end cleanly; the service manager waits longer.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(8);

    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);
    private static readonly TimeSpan ListingPause = TimeSpan.FromMinutes(1);

    private readonly long _started = clock.GetTimestamp();
    private readonly WakeSignal _wake = new();
    private readonly WatchSchedule _schedule = new(Random.Shared);
    private readonly ServiceNotifier _service = new(environment);
    private readonly Dictionary<string, Task<TurnEnd>> _turns = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<(string Product, TimeSpan Due)> _heard = new();
    private readonly Dictionary<string, Task> _listeners = new(StringComparer.Ordinal);
    private TimeSpan? _lastSign;
    private int _toldTurns = -1;
    private bool _hasListed = true;
    private int _hangups;

    private TimeSpan Now => clock.GetElapsedTime(_started);

    /// <summary>Keeps the products up to date until it is cancelled; runs then end cleanly, as far as the time allows.
    /// </summary>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>; <c>BUSY</c>: another one is running for this
    /// home.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var settings = load();
        var home = new AgentHome(options.Home);
        home.Make();
        // Whoever sees the lock held may send the signal, which ends a process that does not expect it.
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            Interlocked.Increment(ref _hangups);
            _wake.Set();
        });
        using var held = await WatchLock.AcquireAsync(home, clock, cancellationToken).ConfigureAwait(false);
        ProcessPriority.Lower(settings.Watch.Niceness, settings.Watch.IsIoIdle);
        events.Report(new WatchEvent(null, $"watching {home.Root}"));
        _service.Tell("READY=1");
        try
        {
            while (true)
            {
                await WatchAsync(settings, cancellationToken).ConfigureAwait(false);
                settings = Reload(settings);
                _schedule.WantAll(Now);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _service.Tell("STOPPING=1");
            await EndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Works by the same settings until SIGHUP.</summary>
    private async Task WatchAsync(AgentSettings settings, CancellationToken cancellationToken)
    {
        var zone = LocalZone.Find(settings.Watch.TimeZone) ?? TimeZoneInfo.Utc;
        var agent = new UpdateAgent(OptionsOf(settings, zone), clock);
        var turn = new ProductTurn(
            agent,
            settings,
            LocalWindows.Of(settings.Watch.MaintenanceWindows, zone),
            new DeviceConditions(settings.Watch, environment),
            events,
            clock);
        _schedule.Poll = TimeSpan.FromSeconds(
            settings.Watch.PollSeconds > 0 ? settings.Watch.PollSeconds : WatchPolicy.DefaultPollSeconds);
        using var timer = clock.CreateTimer(
            _ => _wake.Set(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        using var listening = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _listeners.Clear();
        do
        {
            foreach (var product in EndTurns())
            {
                if (settings.Watch.StaysConnected && !_listeners.ContainsKey(product))
                    _listeners.Add(product, new ReleaseListener(agent, product, Hear, clock).RunAsync(listening.Token));
            }
            while (_heard.TryDequeue(out var heard))
                _schedule.Want(heard.Product, heard.Due);
            Follow(agent);
            foreach (var product in _schedule.BeginDue(Now))
                _turns.Add(product, BeginAsync(turn, product, cancellationToken));
            timer.Change(GiveSigns(), Timeout.InfiniteTimeSpan);
            await _wake.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        while (Interlocked.Exchange(ref _hangups, 0) == 0);
        await listening.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Looks which products are installed. A home that cannot be read at the moment ends neither this process
    /// nor the runs in it.</summary>
    private void Follow(UpdateAgent agent)
    {
        try
        {
            _schedule.Follow(agent.ListNames(), Now);
            _hasListed = true;
        }
        catch (ChunkOtaException e)
        {
            if (_hasListed)
                events.Report(new WatchEvent(null, e.Message, e));
            _hasListed = false;
        }
    }

    private void Hear(string product, TimeSpan delay)
    {
        _heard.Enqueue((product, Now + delay));
        _wake.Set();
    }

    private Task<TurnEnd> BeginAsync(ProductTurn turn, string product, CancellationToken cancellationToken)
    {
        var running = Task.Run(() => turn.RunAsync(product, cancellationToken), CancellationToken.None);
        // Woken by the turn itself, this process could look before the turn counts as ended, and not again.
        running.ContinueWith(
            _ => _wake.Set(),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return running;
    }

    /// <summary>Ends the turns that have come to their end.</summary>
    /// <returns>The products that were checked.</returns>
    private List<string> EndTurns()
    {
        List<string> ended = [];
        List<string> done = [];
        foreach (var (product, turn) in _turns)
        {
            if (turn.IsCompleted)
                ended.Add(product);
        }
        foreach (var product in ended)
        {
            _turns.Remove(product, out var turn);
            var end = turn is { IsCompletedSuccessfully: true }
                ? turn.GetAwaiter().GetResult()
                : new TurnEnd(TurnEndKind.Failed);
            if (end.Kind == TurnEndKind.Done)
                done.Add(product);
            _schedule.End(product, end, Now);
        }
        if (ended.Count > 0 && _turns.Count == 0)
            HeapCompaction.BeforeRest();
        return done;
    }

    /// <summary>Tells the service manager how things are, if it asks for signs of life or one is due.</summary>
    /// <returns>The time until there is something to do again.</returns>
    private TimeSpan GiveSigns()
    {
        var wait = _schedule.FindNext() is { } next ? next - Now : LongestWait;
        if (!_hasListed)
            wait = wait < ListingPause ? wait : ListingPause;
        if (_service.SignOfLife is { } interval)
        {
            if (_lastSign is not { } last || Now - last >= interval)
            {
                _lastSign = Now;
                _service.Tell("WATCHDOG=1");
            }
            wait = TimeSpan.FromTicks(Math.Min(wait.Ticks, (interval - (Now - _lastSign.Value)).Ticks));
        }
        wait = TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, LongestWait.Ticks));
        if (_toldTurns != _turns.Count)
        {
            _toldTurns = _turns.Count;
            _service.Tell(_toldTurns == 0
                ? "STATUS=Waiting for the next check"
                : string.Create(CultureInfo.InvariantCulture, $"STATUS=Updating {_toldTurns} products"));
        }
        // Rounded up: a timer that is early by a fraction of a millisecond would have to be set again.
        return TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
    }

    private AgentSettings Reload(AgentSettings settings)
    {
        try
        {
            settings = load();
            events.Report(new WatchEvent(null, "the settings were reloaded"));
        }
        catch (ChunkOtaException e)
        {
            events.Report(new WatchEvent(null, $"the settings were not reloaded: {e.Message}", e));
        }
        return settings;
    }

    private AgentOptions OptionsOf(AgentSettings settings, TimeZoneInfo zone)
    {
        var hours = LocalWindows.Of(settings.Watch.DownloadLimitHours, zone);
        return options with
        {
            Products = settings.Products,
            DownloadLimit = settings.Watch.DownloadBytesPerSecond > 0
                ? new DownloadLimit(
                    settings.Watch.DownloadBytesPerSecond, () => hours.IsOpen(clock.GetUtcNow()), clock)
                : null,
        };
    }

    private async Task EndAsync()
    {
        // What is still at work then ends with the process; the next run finishes or undoes it.
        await Task.WhenAny(Task.WhenAll(_turns.Values), Task.Delay(EndLimit, clock, CancellationToken.None))
            .ConfigureAwait(false);
        events.Report(new WatchEvent(null, "stopped"));
    }
}
