namespace ChunkOta.Agent;

/// <summary>The cost of an entry of a plan and the reason,
/// as the server estimates it for a device that holds the old release and nothing else.</summary>
/// <param name="Bytes">The entry's share of what crosses the network.</param>
/// <param name="Cause">The reason: <c>new</c>, <c>moved</c>, <c>edited</c>, <c>shifted</c>, <c>rebuilt</c>,
/// <c>recompressed</c> or <c>timestamp</c>.</param>
/// <param name="Evidence">The figures that decided the cause, for people.</param>
/// <param name="Hint">Advice for the publisher, for people; empty for none.</param>
public sealed record StepCause(long Bytes, string Cause, string Evidence, string Hint);

/// <summary>A server's explanation of an update, joined to the steps of a plan.</summary>
/// <remarks>Nothing in it is verified; it is for people, and bounded by the plan.</remarks>
/// <param name="steps">The steps of the plan.</param>
internal sealed class PlanExplanation(IReadOnlyList<FileStep> steps)
{
    private const int MaxTextLength = 400;

    /// <summary>Characters of all evidence and hints; later texts are dropped.</summary>
    private const int MaxAllText = 4 << 20;

    private readonly Dictionary<string, int> _indexes = IndexesOf(steps);
    private readonly StepCause?[] _causes = new StepCause?[steps.Count];
    private int _textLength;

    /// <summary>Adds the cause of an entry; ignores an entry that is not in the plan.</summary>
    /// <param name="path">The entry's path.</param>
    /// <param name="cause">The server's words; long texts are cut.</param>
    public void Add(string path, StepCause cause)
    {
        if (_indexes.TryGetValue(path, out var index))
            _causes[index] = cause with { Evidence = Bounded(cause.Evidence), Hint = Bounded(cause.Hint) };
    }

    /// <summary>Returns the steps, with a cause where the server gave one.</summary>
    public IReadOnlyList<FileStep> Explain()
    {
        var explained = new FileStep[steps.Count];
        for (var i = 0; i < explained.Length; i++)
            explained[i] = steps[i] with { Cause = _causes[i] };
        return explained;
    }

    private static Dictionary<string, int> IndexesOf(IReadOnlyList<FileStep> steps)
    {
        var indexes = new Dictionary<string, int>(steps.Count, StringComparer.Ordinal);
        for (var i = 0; i < steps.Count; i++)
            indexes[steps[i].Path] = i;
        return indexes;
    }

    private string Bounded(string text)
    {
        var bounded = text.Length <= MaxTextLength ? text : text[..MaxTextLength];
        _textLength += bounded.Length;
        return _textLength <= MaxAllText ? bounded : "";
    }
}
