namespace ChunkOta.Agent;

/// <summary>A moment on this machine that no change of its clock moves.</summary>
/// <param name="BootId">Which boot it belongs to.</param>
/// <param name="UptimeSeconds">Seconds since that boot.</param>
internal readonly record struct BootTime(string BootId, long UptimeSeconds);
