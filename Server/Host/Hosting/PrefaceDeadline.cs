using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ChunkOta.Server;

/// <summary>Closes HTTP/2 connections that do not begin in time, and connections of any kind that have not begun when
/// the server stops: Kestrel waits for their first bytes without limit.</summary>
internal static class PrefaceDeadline
{
    /// <summary>"PRI * HTTP/2.0…", with which a client begins (RFC 9113, 3.4).</summary>
    private const int PrefaceBytes = 24;

    private static readonly object BegunKey = new();

    /// <summary>Adds the end at a stop to a port, before TLS: a handshake would be waited for.</summary>
    /// <param name="options">The port.</param>
    public static void AddStop(ListenOptions options) => options.Use(next => async connection =>
    {
        var stop = connection.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>();
        using var _ = stop.ConnectionClosedRequested.Register(() =>
        {
            if (!connection.Items.ContainsKey(BegunKey))
                connection.Abort(new ConnectionAbortedException("the server stops"));
        });
        await next(connection);
    });

    /// <summary>Adds the deadline to a port, behind TLS.</summary>
    /// <param name="options">The port.</param>
    /// <param name="limit">Time from the open connection to the whole preface.</param>
    public static void Add(ListenOptions options, TimeSpan limit) => options.Use(next => async connection =>
    {
        if (!IsHttp2(options, connection) || await BeginsAsync(connection, limit))
        {
            connection.Items[BegunKey] = true;
            await next(connection);
        }
        else
        {
            connection.Abort(new ConnectionAbortedException("the HTTP/2 preface did not come in time"));
        }
    });

    private static bool IsHttp2(ListenOptions options, ConnectionContext connection) =>
        options.Protocols == HttpProtocols.Http2
        || (connection.Features.Get<ITlsApplicationProtocolFeature>() is { } tls
            && tls.ApplicationProtocol.Span.SequenceEqual("h2"u8));

    private static async Task<bool> BeginsAsync(ConnectionContext connection, TimeSpan limit)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        end.CancelAfter(limit);
        try
        {
            var input = connection.Transport.Input;
            var read = await input.ReadAtLeastAsync(PrefaceBytes, end.Token);
            // Nothing is taken: the protocol reads the same bytes again.
            input.AdvanceTo(read.Buffer.Start);
            return !read.IsCanceled;
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException)
        {
            // Too late, or reset by the client, which is nothing to report.
            return false;
        }
    }
}
