namespace ChunkOta.Agent;

/// <summary>The progress of a run.</summary>
/// <param name="Phase">One of <c>check</c>, <c>plan</c>, <c>copy</c>, <c>fetch</c>, <c>activate</c>.</param>
/// <param name="DoneBytes">Bytes of this phase that are done.</param>
/// <param name="TotalBytes">Bytes of this phase in all; 0 when not known.</param>
public readonly record struct UpdateProgress(string Phase, long DoneBytes = 0, long TotalBytes = 0)
{
    /// <summary>The plan, reported once, before anything is written; else null.</summary>
    public UpdatePlan? Plan { get; init; }

    /// <summary>A line for people, such as that the server is away and is tried again; else null.</summary>
    public string? Note { get; init; }
}
