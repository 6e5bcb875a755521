namespace ChunkOta.Agent;

/// <summary>An order to make a release current.</summary>
/// <param name="Operation">The operation, for the record.</param>
/// <param name="To">The release.</param>
/// <param name="Trial">The trial that it begins; null when it is kept at once.</param>
internal sealed record SwitchOrder(string Operation, InstalledRelease To, Trial? Trial);
