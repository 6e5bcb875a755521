namespace ChunkOta.Durable;

/// <summary>The effect of a schedule at the fault points it matches.</summary>
internal enum FaultMode
{
    /// <summary>Nothing but the log line.</summary>
    None,

    /// <summary>SIGKILL before the operation.</summary>
    Kill,

    /// <summary>SIGKILL after the operation.</summary>
    KillAfter,

    /// <summary>Half a write, then SIGKILL; before any other operation, SIGKILL.</summary>
    Torn,

    /// <summary>Half a write, and nothing else happens.</summary>
    Half,

    /// <summary>The operation fails with EIO.</summary>
    Io,

    /// <summary>The operation fails with ENOSPC.</summary>
    NoSpace,

    /// <summary>The operation fails with EDQUOT.</summary>
    Quota,

    /// <summary>The operation fails with EROFS.</summary>
    ReadOnly,

    /// <summary>A sync reports success and does nothing.</summary>
    Lie,
}

/// <summary>Which operation fails, and how: the parsed form of <c>at=37;mode=kill;…</c>.</summary>
internal sealed class FaultSchedule : IDiskObserver
{
    private long _at = 1;
    private FaultMode _mode = FaultMode.None;
    private FsOperation? _operation;
    private string? _path;
    private bool _isSticky;
    private string? _log;
    private long _passes;

    private FaultSchedule()
    {
    }

    internal static FaultSchedule Parse(string text)
    {
        var schedule = new FaultSchedule();
        foreach (var part in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = part.Split('=', 2) is [var left, var right] ? (left, right) : (part, "");
            switch (name)
            {
                case "at" when long.TryParse(value, out var at) && at > 0:
                    schedule._at = at;
                    break;
                case "mode":
                    schedule._mode = ModeOf(value);
                    break;
                case "op" when Enum.TryParse<FsOperation>(value, ignoreCase: true, out var operation):
                    schedule._operation = operation;
                    break;
                case "path":
                    schedule._path = value;
                    break;
                case "once":
                    schedule._isSticky = false;
                    break;
                case "sticky":
                    schedule._isSticky = true;
                    break;
                case "log":
                    schedule._log = value;
                    break;
                default:
                    throw new ArgumentException($"{FaultPoint.Variable}: '{part}' is not understood", nameof(text));
            }
        }
        return schedule;
    }

    /// <summary>True once a matching operation was the one that is to fail.</summary>
    internal bool HasStruck => Interlocked.Read(ref _passes) >= _at;

    /// <summary>Counts a passing operation and says what is to happen to it.</summary>
    public FaultMode Before(FsOperation operation, string path)
    {
        if (_operation is { } wanted && wanted != operation)
            return FaultMode.None;
        if (_path is { } part && !path.Contains(part, StringComparison.Ordinal))
            return FaultMode.None;
        var pass = Interlocked.Increment(ref _passes);
        if (_log is { } log)
            FaultPoint.Record(log, $"{pass} {operation} {path}\n");
        return pass == _at || (_isSticky && pass > _at) ? _mode : FaultMode.None;
    }

    /// <inheritdoc/>
    public void After(FsOperation operation, string path)
    {
        // A schedule decides before the operation.
    }

    private static FaultMode ModeOf(string value) => value switch
    {
        "kill" => FaultMode.Kill,
        "kill-after" => FaultMode.KillAfter,
        "torn" => FaultMode.Torn,
        "eio" => FaultMode.Io,
        "enospc" => FaultMode.NoSpace,
        "edquot" => FaultMode.Quota,
        "erofs" => FaultMode.ReadOnly,
        "lie" => FaultMode.Lie,
        "log" => FaultMode.None,
        _ => throw new ArgumentException($"{FaultPoint.Variable}: unknown mode '{value}'", nameof(value)),
    };
}
