using ChunkOta.Durable;

namespace ChunkOta.Tests.Faults.Rig;

/// <summary>The run ends here: its process has died, as far as the test goes.</summary>
internal sealed class RunEndedException : Exception;

/// <summary>Makes one step of what happens in a folder fail, or the last one of its process.</summary>
/// <remarks>
/// A kill throws an exception that nothing in the product catches, and every later operation throws it as well: what
/// the unwinding code would do to the disk, a dead process does not.
/// </remarks>
/// <param name="folder">The folder.</param>
/// <param name="step">The step, from 1.</param>
/// <param name="kind">What happens at it.</param>
/// <param name="inner">Sees what is done until then; null for nobody.</param>
internal sealed class FaultAt(string folder, int step, FaultKind kind, IDiskObserver? inner = null) : IDiskObserver
{
    private int _steps;
    private bool _isDead;

    /// <summary>The run came to that step.</summary>
    public bool HasStruck { get; private set; }

    /// <summary>Called at the step, before a run that ends there ends; with no other fault, it is the fault.</summary>
    public Action? Striking { get; init; }

    /// <inheritdoc/>
    public FaultMode Before(FsOperation operation, string path)
    {
        if (!path.StartsWith(folder, StringComparison.Ordinal))
            return FaultMode.None;
        if (_isDead)
            throw new RunEndedException();
        var now = Interlocked.Increment(ref _steps);
        HasStruck |= now == step;
        var mode = now == step || (now > step && kind.IsSticky) ? kind.Mode : FaultMode.None;
        if (now == step && kind.Mode == FaultMode.None)
            Striking?.Invoke();
        if (mode == FaultMode.Kill || (mode == FaultMode.Torn && operation != FsOperation.Write))
            Die();
        if (mode is FaultMode.None or FaultMode.KillAfter or FaultMode.Torn)
            inner?.Before(operation, path);
        return mode switch
        {
            FaultMode.KillAfter => FaultMode.None,
            FaultMode.Torn => FaultMode.Half,
            _ => mode,
        };
    }

    /// <inheritdoc/>
    public void After(FsOperation operation, string path)
    {
        if (!path.StartsWith(folder, StringComparison.Ordinal))
            return;
        inner?.After(operation, path);
        if (_steps == step && !_isDead && kind.Mode is FaultMode.KillAfter or FaultMode.Torn)
            Die();
    }

    private void Die()
    {
        _isDead = true;
        Striking?.Invoke();
        throw new RunEndedException();
    }
}

/// <summary>A kind of fault.</summary>
/// <param name="Mode">What happens.</param>
/// <param name="IsSticky">It happens to all later steps as well.</param>
internal sealed record FaultKind(FaultMode Mode, bool IsSticky = false)
{
    /// <summary>The ends of a process.</summary>
    public static IReadOnlyList<FaultKind> Kills { get; } =
        [new(FaultMode.Kill), new(FaultMode.KillAfter), new(FaultMode.Torn)];

    /// <summary>The failures of a disk.</summary>
    public static IReadOnlyList<FaultKind> Errors { get; } =
    [
        .. from mode in new[] { FaultMode.Io, FaultMode.NoSpace, FaultMode.Quota, FaultMode.ReadOnly }
           from isSticky in new[] { false, true }
           select new FaultKind(mode, isSticky),
    ];

    /// <summary>A disk whose barriers do nothing.</summary>
    public static FaultKind Lying { get; } = new(FaultMode.Lie, IsSticky: true);
}
