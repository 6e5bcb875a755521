using ChunkOta.Protos.V1;

namespace ChunkOta.Agent;

/// <summary>What an entry of a plan costs and why, as the server reckons it for a device that holds the old release
/// and nothing else.</summary>
/// <param name="Bytes">The entry's share of what crosses the network.</param>
/// <param name="Cause">Why: <c>new</c>, <c>moved</c>, <c>edited</c>, <c>shifted</c>, <c>rebuilt</c>,
/// <c>recompressed</c> or <c>timestamp</c>.</param>
/// <param name="Evidence">The figures that decided the cause, for people.</param>
/// <param name="Hint">What the publisher can do about it, for people; empty for nothing.</param>
public sealed record StepCause(long Bytes, string Cause, string Evidence, string Hint);

/// <summary>A server's explanation of an update, to be put beside the steps of a plan.</summary>
/// <remarks>Nothing in it is verified; it is for people, and bounded by the plan.</remarks>
/// <param name="steps">The plan's.</param>
internal sealed class PlanExplanation(IReadOnlyList<FileStep> steps)
{
    private const int MaxTextLength = 400;

    /// <summary>Characters of all evidence and hints; what comes after them has none.</summary>
    private const int MaxAllText = 4 << 20;

    private readonly Dictionary<string, int> _places = PlacesOf(steps);
    private readonly StepCause?[] _causes = new StepCause?[steps.Count];
    private int _textLength;

    /// <summary>Notes what a file costs; passes over one that is not in the plan.</summary>
    /// <param name="cost">The server's words; cut short where they are long.</param>
    public void Add(FileCost cost)
    {
        if (!_places.TryGetValue(cost.Path, out var place))
            return;
        _causes[place] = new StepCause(
            (long)Math.Min(cost.Bytes, long.MaxValue), NameOf(cost.Cause), Bounded(cost.Evidence), Bounded(cost.Hint));
    }

    /// <summary>The steps, with a cause where the server gave one.</summary>
    public IReadOnlyList<FileStep> Explain()
    {
        var explained = new FileStep[steps.Count];
        for (var i = 0; i < explained.Length; i++)
            explained[i] = steps[i] with { Cause = _causes[i] };
        return explained;
    }

    private static Dictionary<string, int> PlacesOf(IReadOnlyList<FileStep> steps)
    {
        var places = new Dictionary<string, int>(steps.Count, StringComparer.Ordinal);
        for (var i = 0; i < steps.Count; i++)
            places[steps[i].Path] = i;
        return places;
    }

    private string Bounded(string text)
    {
        var bounded = Short(text);
        _textLength += bounded.Length;
        return _textLength <= MaxAllText ? bounded : "";
    }

    private static string Short(string text) => text.Length <= MaxTextLength ? text : text[..MaxTextLength];

    private static string NameOf(ChangeCause cause) => cause switch
    {
        ChangeCause.New => "new",
        ChangeCause.Moved => "moved",
        ChangeCause.Edited => "edited",
        ChangeCause.Shifted => "shifted",
        ChangeCause.Rebuilt => "rebuilt",
        ChangeCause.Recompressed => "recompressed",
        ChangeCause.Timestamp => "timestamp",
        _ => "other",
    };
}
