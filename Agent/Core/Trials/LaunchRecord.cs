namespace ChunkOta.Agent;

/// <summary>The starts of a release's program during one trial.</summary>
internal sealed record LaunchRecord
{
    /// <summary>The most starts that are followed at once; further ones are not counted.</summary>
    public const int MaxOpen = 64;

    /// <summary>The trial that they belong to.</summary>
    public required string TrialId { get; init; }

    /// <summary>The number of starts that failed.</summary>
    public int Failed { get; init; }

    /// <summary>The last failure, in a few words; null when none did.</summary>
    public string? Failure { get; init; }

    /// <summary>True once the program has run long enough, or has ended with success.</summary>
    public bool HasStarted { get; init; }

    /// <summary>The starts whose end is not known yet, by the process that watches over each.</summary>
    public IReadOnlyList<string> Open { get; init => field = value ?? []; } = [];

    /// <summary>Counts one more failed start.</summary>
    /// <param name="failure">How it failed.</param>
    public LaunchRecord WithFailure(string failure) => this with { Failed = Failed + 1, Failure = failure };

    /// <summary>Counts starts as failed whose watching process is gone without a word, as after a power cut.</summary>
    /// <param name="isAlive">Tells whether a process is still there.</param>
    public LaunchRecord WithoutLost(Func<string, bool> isAlive)
    {
        List<string> alive = [.. Open.Where(isAlive)];
        var record = this with { Open = alive };
        for (var lost = Open.Count - alive.Count; lost > 0; lost--)
            record = record.WithFailure("was killed before it had run for long");
        return record;
    }
}
