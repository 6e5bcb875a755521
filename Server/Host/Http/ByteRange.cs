using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace ChunkOta.Server;

/// <summary>A range of an object's bytes.</summary>
/// <param name="Offset">The offset of its first byte.</param>
/// <param name="Length">Its length in bytes.</param>
internal readonly record struct ByteRange(long Offset, long Length)
{
    /// <summary>The range that a request asks for; null when it is beyond the end.</summary>
    /// <remarks>Other units, several ranges and an If-Range for other bytes are ignored, as RFC 9110 says.</remarks>
    public static ByteRange? Choose(RequestHeaders asked, EntityTagHeaderValue tag, long length)
    {
        var whole = new ByteRange(0, length);
        if (asked.Range is not { Ranges.Count: 1 } header || header.Unit != "bytes") return whole;
        var isForOtherBytes = asked.IfRange is { } condition
            && !(condition.EntityTag?.Compare(tag, useStrongComparison: true) ?? false);
        if (isForOtherBytes) return whole;

        var range = header.Ranges.Single();
        return range switch
        {
            { From: { } from } when from >= length => null,
            { From: { } from } => new ByteRange(from, Math.Min(range.To ?? length - 1, length - 1) - from + 1),
            { To: 0 } => null,
            { To: { } suffix } => new ByteRange(Math.Max(0, length - suffix), Math.Min(suffix, length)),
            _ => whole,
        };
    }
}
