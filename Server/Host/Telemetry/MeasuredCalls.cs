using System.Diagnostics;
using Grpc.AspNetCore.Server;
using Grpc.Core;

namespace ChunkOta.Server;

/// <summary>Measures gRPC calls, those included that gRPC itself refuses.</summary>
internal sealed class MeasuredCalls(RequestDelegate next, ServerMetrics metrics)
{
    /// <summary>The names of the statuses as metrics have them, by number.</summary>
    private static readonly string[] Statuses = [.. Enum.GetNames<StatusCode>().Select(InUpperCase)];

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>() is not { Method: var method })
        {
            await next(context);
            return;
        }

        var started = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            metrics.Called(
                method.FullName.TrimStart('/'), StatusOf(context.Response), Stopwatch.GetElapsedTime(started));
        }
    }

    /// <summary>A call without a status was cancelled, or its connection broke.</summary>
    private static string StatusOf(HttpResponse response) =>
        int.TryParse(GrpcTrailers.Of(response)?[GrpcTrailers.Status].ToString(), out var status)
            && status >= 0 && status < Statuses.Length
            ? Statuses[status]
            : Statuses[(int)StatusCode.Cancelled];

    /// <summary>Such as NOT_FOUND for NotFound.</summary>
    private static string InUpperCase(string name) => string.Concat(name.Select((letter, at) =>
        at > 0 && char.IsUpper(letter) && char.IsLower(name[at - 1]) ? $"_{letter}" : $"{letter}")).ToUpperInvariant();
}
