namespace ChunkOta.Server.Core;

/// <summary>Limits of what one publisher sends.</summary>
/// <param name="StreamsPerCaller">Uploads of one caller at once.</param>
/// <param name="BytesPerSecond">The rate of one caller; 0 for no limit.</param>
/// <param name="Idle">The longest pause between two messages of an upload.</param>
public sealed record UploadLimits(int StreamsPerCaller, long BytesPerSecond, TimeSpan Idle);
