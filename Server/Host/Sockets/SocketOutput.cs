using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using ChunkOta.Durable;

namespace ChunkOta.Server;

/// <summary>The output of a connection, written to its socket when it is flushed, with files sent by the
/// kernel.</summary>
/// <remarks>
/// Kestrel's own output copies every byte into blocks of 4 KiB and sends them from another task. This one sends from
/// where the bytes are, and a flush ends when the kernel has taken them. One writer at a time, as for any pipe.
/// </remarks>
/// <param name="socket">The connection's socket; nobody else sends on it.</param>
internal sealed class SocketOutput(Socket socket) : PipeWriter, IFileSender
{
    private const int FirstBufferBytes = 4096;

    /// <summary>Bytes of a file that are sent from memory where the kernel would have to wait.</summary>
    private const int WaitingBytes = 16 * 1024;

    /// <summary>Handed out for bytes that come from a file; nobody writes or reads it.</summary>
    private static readonly byte[] Unused = new byte[4 * 1024 * 1024];

    private byte[] _buffer = [];
    private int _buffered;
    private DurableFile? _file;
    private long _fileAt;
    private long _fileLeft;
    private int _filePending;
    private bool _isBroken;

    /// <inheritdoc/>
    public int MaxPieceBytes => Unused.Length;

    /// <inheritdoc/>
    public override bool CanGetUnflushedBytes => true;

    /// <inheritdoc/>
    public override long UnflushedBytes => _buffered + _filePending;

    /// <inheritdoc/>
    public void Begin(DurableFile file, long offset, long length) =>
        (_file, _fileAt, _fileLeft) = (file, offset, length);

    /// <inheritdoc/>
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_fileLeft > 0 && sizeHint <= Unused.Length) return Unused;
        var needed = _buffered + Math.Max(sizeHint, 1);
        if (needed > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(FirstBufferBytes, 2 * _buffer.Length)));
            _buffer.AsSpan(0, _buffered).CopyTo(larger);
            ReturnBuffer();
            _buffer = larger;
        }

        return _buffer.AsMemory(_buffered);
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public override void Advance(int bytes)
    {
        if (_fileLeft > 0)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _fileLeft);
            _filePending += bytes;
            _fileLeft -= bytes;
        }
        else
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _buffer.Length - _buffered);
            _buffered += bytes;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_isBroken) return new FlushResult(isCanceled: false, isCompleted: true);
        try
        {
            if (_buffered > 0) await SendAsync(_buffer.AsMemory(0, _buffered));
            _buffered = 0;
            ReturnBuffer();
            if (_filePending > 0) await SendFileAsync();
            return new FlushResult(isCanceled: false, isCompleted: false);
        }
        catch (Exception failure) when (IsClosed(failure) || failure is IOException or UnauthorizedAccessException)
        {
            // As a pipe whose reader is gone: the peer has closed the connection, or this side has ended it. A file
            // that cannot be opened any more ends it, too: its length was promised, and Kestrel only logs what a flush
            // throws and goes on.
            _isBroken = true;
            return new FlushResult(isCanceled: false, isCompleted: true);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<FlushResult> WriteAsync(
        ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        var flushed = await FlushAsync(cancellationToken);
        if (flushed.IsCompleted) return flushed;
        try
        {
            await SendAsync(source);
            return flushed;
        }
        catch (Exception failure) when (IsClosed(failure))
        {
            _isBroken = true;
            return new FlushResult(isCanceled: false, isCompleted: true);
        }
    }

    /// <summary>Does nothing: a connection that is aborted closes its socket, which ends the flush.</summary>
    public override void CancelPendingFlush()
    {
    }

    /// <summary>Refuses what is written from now on.</summary>
    public override void Complete(Exception? exception = null) => _isBroken = true;

    /// <summary>True when the connection is gone.</summary>
    private static bool IsClosed(Exception failure) => failure is SocketException or ObjectDisposedException;

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        // A connection may send a part only; it is not cancelled, since half a message is worth nothing.
        while (bytes.Length > 0)
            bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, CancellationToken.None)..];
    }

    /// <summary>Lets the kernel send what the socket takes at once. When its buffer is full, the next few bytes go from
    /// memory, which waits for the socket without a thread: the kernel itself cannot tell when it takes more.</summary>
    private async ValueTask SendFileAsync()
    {
        var file = _file!;
        while (_filePending > 0)
        {
            var sent = file.SendTo(socket.SafeHandle, _fileAt, _filePending);
            if (sent < 0) throw new SocketException((int)SocketError.ConnectionAborted);
            if (sent == 0) sent = await SendFromMemoryAsync(file);
            _fileAt += sent;
            _filePending -= (int)sent;
        }
    }

    private async ValueTask<int> SendFromMemoryAsync(DurableFile file)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(WaitingBytes);
        try
        {
            var bytes = buffer.AsMemory(0, Math.Min(WaitingBytes, _filePending));
            if (file.ReadAt(_fileAt, bytes.Span) < bytes.Length)
                throw new SocketException((int)SocketError.ConnectionAborted);
            await SendAsync(bytes);
            return bytes.Length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void ReturnBuffer()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }
}
