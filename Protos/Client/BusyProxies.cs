using System.Net;
using System.Net.Http.Headers;
using ChunkOta.Protos;

namespace ChunkOta.Client;

/// <summary>Knows the answer of a proxy that asks to come back later, in plain HTTP: 429 or 503 with
/// <c>Retry-After</c>. gRPC's library would drop the time.</summary>
internal static class BusyProxies
{
    /// <summary>A time that is longer is not waited for that long.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Finds the failure that such an answer is.</summary>
    /// <param name="response">Any answer.</param>
    /// <param name="now">The time of day, for a proxy that names a moment.</param>
    /// <returns>Null when nobody asks for a wait.</returns>
    public static RetryLaterException? Find(HttpResponseMessage response, DateTimeOffset now)
    {
        if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
            || response.Headers.RetryAfter is not { } asked)
            return null;
        var wait = WaitOf(asked, now);
        return new RetryLaterException(
            ErrorCodes.Throttled,
            $"a proxy before the server has too much to do: HTTP {(int)response.StatusCode}: "
                + $"ask again in {wait.TotalSeconds:0} s",
            wait);
    }

    private static TimeSpan WaitOf(RetryConditionHeaderValue asked, DateTimeOffset now)
    {
        var wait = asked.Delta ?? asked.Date.GetValueOrDefault() - now;
        return TimeSpan.FromSeconds(Math.Clamp(Math.Ceiling(wait.TotalSeconds), 1, Longest.TotalSeconds));
    }
}
