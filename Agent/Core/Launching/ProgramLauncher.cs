using System.Globalization;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Starts the program of the current release; while the release is on trial, watches over its start.</summary>
/// <remarks>Without a trial the program replaces this process. In a trial that asks for a start it is a child, so that
/// its exit code is seen. It needs no lock to start: an update may be running.</remarks>
/// <param name="product">The product.</param>
/// <param name="gate">Decides on the trial.</param>
/// <param name="clock">Measures how long the program runs.</param>
/// <param name="warn">Gets lines for people.</param>
internal sealed class ProgramLauncher(
    LocalProduct product, HealthGate gate, TimeProvider clock, Action<string> warn)
{
    /// <summary>Starts the program.</summary>
    /// <param name="name">The product's name, for messages.</param>
    /// <param name="command">The program's path below the release's tree, and its arguments.</param>
    /// <returns>What it exited with; only in a trial, else this process becomes the program.</returns>
    /// <exception cref="ChunkOtaException"><c>NOT_INSTALLED</c>; <c>USAGE</c>: there is no such program.</exception>
    public async Task<int> RunAsync(string name, IReadOnlyList<string> command)
    {
        var state = Read(name);
        var order = CurrentProgram.Find(product, CurrentOf(state), command);
        var launches = await TryBeginAsync(state).ConfigureAwait(false);
        if (launches is null)
            ProgramLaunch.Replace(order);
        if (!launches.Open.Contains(RunningProcess.Self))
        {
            // All its starts have failed before, and nobody was there to go back.
            await SettleAsync(isPatient: false).ConfigureAwait(false);
            if (Read(name) is { Trial: null } settled)
                ProgramLaunch.Replace(CurrentProgram.Find(product, CurrentOf(settled), command));
        }
        return await WatchAsync(state.Trial!, order).ConfigureAwait(false);
    }

    /// <summary>Returns the record as it is on the disk, without the lock.</summary>
    private ProductState Read(string name) => product.Switch.Observe(product.States.Get(name));

    /// <summary>A switch may have been interrupted, or be under way: the link says what is current.</summary>
    private InstalledRelease CurrentOf(ProductState state) =>
        state.Pending is { } pending && product.Activation.IsCurrent(pending.To) ? pending.To : state.CurrentRelease!;

    /// <summary>Counts a start; null when no trial asks for it, or it cannot be counted.</summary>
    private async Task<LaunchRecord?> TryBeginAsync(ProductState state)
    {
        if (state is not { Pending: null, Trial: { Policy.NeedsStart: true, HasStarted: false } trial })
            return null;
        try
        {
            var launches = await product.Launches.ChangeAsync(trial.Id, record =>
            {
                record = record.WithoutLost(RunningProcess.IsRunning);
                return record.HasStarted || record.Failed >= trial.Policy.MaxStarts
                    || record.Open.Count >= LaunchRecord.MaxOpen
                    ? record
                    : record with { Open = [.. record.Open, RunningProcess.Self] };
            }).ConfigureAwait(false);
            return launches.HasStarted ? null : launches;
        }
        catch (ChunkOtaException e)
        {
            warn($"this start is not counted: {e.Message}");
            return null;
        }
    }

    private async Task<int> WatchAsync(Trial trial, LaunchOrder order)
    {
        using var signals = new ForwardedSignals();
        var program = ProgramLaunch.Start(order);
        signals.PassTo(program);
        using var proven = new CancellationTokenSource();
        var seconds = TimeSpan.FromSeconds(trial.Policy.StartSeconds);
        var enough = Task.Delay(seconds, clock, proven.Token);
        if (await Task.WhenAny(program.Ended, enough).ConfigureAwait(false) == enough)
        {
            await EndAsync(trial, failure: null, hasStarted: true).ConfigureAwait(false);
            return await program.Ended.ConfigureAwait(false);
        }
        await proven.CancelAsync().ConfigureAwait(false);
        var exitCode = await program.Ended.ConfigureAwait(false);
        var failure = exitCode == 0 || signals.HasAskedToStop
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"exited with {exitCode}");
        await EndAsync(trial, failure, hasStarted: exitCode == 0 && !signals.HasAskedToStop).ConfigureAwait(false);
        return exitCode;
    }

    /// <summary>Notes how a start has ended, and decides on the trial if that is enough to do so.</summary>
    private async Task EndAsync(Trial trial, string? failure, bool hasStarted)
    {
        try
        {
            var launches = await product.Launches.ChangeAsync(trial.Id, record =>
            {
                record = record with
                {
                    Open = [.. record.Open.Where(open => open != RunningProcess.Self)],
                    HasStarted = record.HasStarted || hasStarted,
                };
                return failure is null ? record : record.WithFailure(failure);
            }).ConfigureAwait(false);
            if (launches.HasStarted || launches.Failed >= trial.Policy.MaxStarts)
                await SettleAsync(isPatient: true).ConfigureAwait(false);
        }
        catch (ChunkOtaException e)
        {
            warn($"this start is not counted: {e.Message}");
        }
    }

    /// <summary>Decides on the trial; if another process keeps the product's lock, the next run decides.</summary>
    /// <param name="isPatient">Wait for the lock, as a person does.</param>
    private async Task SettleAsync(bool isPatient)
    {
        try
        {
            using var held = isPatient
                ? await Task.Run(() => product.LockForPerson(CancellationToken.None)).ConfigureAwait(false)
                : product.Lock();
            if (product.States.Find() is { } left && product.Switch.Recover(left) is { Trial: not null } state)
                await gate.NoteAsync(state, trial => trial).ConfigureAwait(false);
        }
        catch (ChunkOtaException e)
        {
            warn(e.Message);
        }
    }
}
