namespace ChunkOta.Server.Core;

/// <summary>Limits of what the server sends: chunks, deltas and objects.</summary>
/// <param name="AtOnce">Transfers at once; others wait.</param>
/// <param name="AtOncePerCaller">Transfers of one caller at once.</param>
/// <param name="BytesPerSecond">The rate over all callers; 0 for no limit.</param>
/// <param name="CallerBytesPerSecond">The rate of one caller; 0 for no limit.</param>
/// <param name="CallerBurstBytes">Bytes that a caller gets at once after a pause.</param>
public sealed record SendingLimits(
    int AtOnce, int AtOncePerCaller, long BytesPerSecond, long CallerBytesPerSecond, long CallerBurstBytes);
