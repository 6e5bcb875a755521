namespace ChunkOta.Client;

/// <summary>A socket's stream whose bytes a <see cref="WireMeter"/> counts; it owns the stream beneath.</summary>
internal sealed class MeteredStream(Stream inner, WireMeter meter, OpenSockets? open = null) : Stream
{
    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        meter.AddDown(read);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (meter.DownLimit is { } limit && buffer.Length > limit.PieceBytes)
            buffer = buffer[..limit.PieceBytes];
        var read = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        meter.AddDown(read);
        if (meter.DownLimit is { } pace && read > 0)
            await pace.WaitAsync(read, cancellationToken).ConfigureAwait(false);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        inner.Write(buffer);
        meter.AddUp(buffer.Length);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (meter.UpLimit is { } limit && buffer.Length > 0)
        {
            var piece = buffer[..Math.Min(limit.PieceBytes, buffer.Length)];
            await limit.WaitAsync(piece.Length, cancellationToken).ConfigureAwait(false);
            await SendAsync(piece, cancellationToken).ConfigureAwait(false);
            buffer = buffer[piece.Length..];
        }

        if (buffer.Length > 0)
            await SendAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async ValueTask SendAsync(ReadOnlyMemory<byte> piece, CancellationToken cancellationToken)
    {
        await inner.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
        meter.AddUp(piece.Length);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            open?.Remove(this);
            inner.Dispose();
        }
        base.Dispose(disposing);
    }
}
