namespace ChunkOta.Server.Core;

/// <summary>The schedule of scrubs.</summary>
/// <param name="QuickEvery">Time between two quick passes; zero: only when somebody asks.</param>
/// <param name="FullEvery">Time between two full passes; zero: only when somebody asks.</param>
public sealed record ScrubOptions(TimeSpan QuickEvery, TimeSpan FullEvery)
{
    /// <summary>The time between two passes of a depth.</summary>
    internal TimeSpan IntervalOf(Storage.ScrubDepth depth) =>
        depth == Storage.ScrubDepth.Quick ? QuickEvery : FullEvery;
}
