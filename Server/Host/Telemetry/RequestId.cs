using System.Diagnostics;

namespace ChunkOta.Server;

/// <summary>The id of a request: its trace, so that one id leads from an error to the log and to the spans.</summary>
/// <remarks>The server makes it; see <see cref="OwnTraces"/>.</remarks>
internal static class RequestId
{
    /// <summary>The trailer and header of an error that carries the id.</summary>
    public const string Header = "ota-request";

    /// <summary>The id of the request that this code works for, 32 hex digits; null outside of any.</summary>
    public static string? Current => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity
        ? activity.TraceId.ToHexString()
        : null;
}
