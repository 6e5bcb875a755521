using ChunkOta.Durable;
using ChunkOta.Server.Core;
using ChunkOta.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace ChunkOta.Server;

/// <summary>The body of one answer: the bytes of an object.</summary>
/// <remarks>
/// On a port without TLS the kernel sends an object that is a file. Elsewhere the bytes go from the store to the
/// transport in pieces of 64 KiB.
/// </remarks>
/// <param name="objects">The store.</param>
/// <param name="context">The request; its answer has all headers.</param>
/// <param name="transfer">Says when more may be sent.</param>
internal sealed class ObjectBody(IObjectReader objects, HttpContext context, Transfer transfer)
{
    private const int PieceBytes = 64 * 1024;

    /// <summary>Bytes that are paid for at once: a multiple of a piece.</summary>
    private const int PaidBytes = 4 * 1024 * 1024;

    /// <summary>A caller that takes less a second is cut off.</summary>
    private const int LeastBytesPerSecond = 1000;

    /// <summary>Bytes that the connection has taken so far.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Sends a range of an object.</summary>
    /// <exception cref="ChunkOtaException">As <see cref="IObjectReader"/> and <see cref="Transfer"/>.</exception>
    public async Task SendAsync(ObjectName name, ByteRange range)
    {
        var path = objects.PathOf(name);
        if (path is not null && range.Length > PieceBytes && context.Features.Get<IFileSender>() is { } sender)
        {
            using var sent = DurableFile.TryOpenRead(path) ?? throw new ObjectMissingException(name);
            await SendFileAsync(sender, sent, range);
            return;
        }

        using var file = path is null ? null : DurableFile.TryOpenRead(path) ?? throw new ObjectMissingException(name);
        var writer = context.Response.BodyWriter;
        var end = range.Offset + range.Length;
        var paid = range.Offset;
        for (var at = range.Offset; at < end;)
        {
            if (at == paid)
            {
                var next = Math.Min(PaidBytes, end - at);
                await transfer.SpendInBodyAsync(next, context.RequestAborted);
                paid += next;
            }

            var piece = writer.GetMemory(PieceBytes)[..(int)Math.Min(PieceBytes, end - at)];
            if (file is null) await objects.ReadAsync(name, at, piece, context.RequestAborted);
            else if (file.ReadAt(at, piece.Span) < piece.Length)
                throw new ObjectDamagedException($"object {name} is damaged: it ends before offset {end}");
            writer.Advance(piece.Length);
            at += piece.Length;
            if ((await writer.FlushAsync(context.RequestAborted)).IsCompleted) return;
            SentBytes += piece.Length;
        }
    }

    private async Task SendFileAsync(IFileSender sender, DurableFile file, ByteRange range)
    {
        // Kestrel's limit does not count the bytes of a file.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } limit) limit.MinDataRate = null;
        await context.Response.StartAsync(context.RequestAborted);
        sender.Begin(file, range.Offset, range.Length);
        var writer = context.Response.BodyWriter;
        for (var left = range.Length; left > 0;)
        {
            var length = (int)Math.Min(left, sender.MaxPieceBytes);
            await transfer.SpendInBodyAsync(length, context.RequestAborted);
            _ = writer.GetMemory(length);
            writer.Advance(length);
            left -= length;
            using var late = new Timer(
                _ => context.Abort(), null, TimeSpan.FromSeconds(10 + (length / LeastBytesPerSecond)),
                Timeout.InfiniteTimeSpan);
            if ((await writer.FlushAsync(context.RequestAborted)).IsCompleted) return;
            SentBytes += length;
        }
    }
}
