using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ChunkOta.Server;

/// <summary>Lets the connections of a port write to their sockets directly.</summary>
internal static class DirectOutput
{
    /// <summary>Adds the direct output to a port, below TLS.</summary>
    /// <param name="options">The port.</param>
    /// <param name="sendsFiles">True for a port without TLS that speaks HTTP/1.1: its bodies can be files.</param>
    public static void Add(ListenOptions options, bool sendsFiles) => options.Use(next => async connection =>
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
        {
            await next(connection);
            return;
        }

        var transport = connection.Transport;
        var output = new SocketOutput(socket);
        connection.Transport = new Duplex(transport.Input, output);
        if (sendsFiles) connection.Features.Set<IFileSender>(output);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = transport;
        }
    });

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
