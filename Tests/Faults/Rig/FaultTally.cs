using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Faults.Rig;

/// <summary>Counts the faults of one test, and what they broke.</summary>
/// <param name="figure">The name of the count in the figures.</param>
internal sealed class FaultTally(string figure)
{
    private const int MostShown = 20;

    private readonly List<string> _broken = [];

    public int Count { get; private set; }

    public int Broken { get; private set; }

    /// <summary>Counts a fault.</summary>
    /// <param name="what">Which it was.</param>
    /// <param name="broken">What it broke; null for nothing.</param>
    public void Add(string what, string? broken)
    {
        Count++;
        if (broken is null)
            return;
        Broken++;
        if (_broken.Count < MostShown)
            _broken.Add($"{what}: {broken}");
    }

    /// <summary>Adds the count to the figures, and fails the test if anything is broken.</summary>
    public void End()
    {
        FaultFigures.Add((figure, Count), ("broken", Broken));
        Assert.True(Broken == 0, $"{Broken} of {Count} broken:\n{string.Join('\n', _broken)}");
    }
}
