namespace ChunkOta.Agent;

/// <summary>A stop of a run before the switch: the release is staged, and a later run makes it current.</summary>
/// <remarks>The consent of a person or an application to the staged release ends the stop.</remarks>
/// <param name="Deadline">The time after which a staged release becomes current without consent; null for
/// never.</param>
public sealed record SwitchStop(TimeSpan? Deadline = null);
