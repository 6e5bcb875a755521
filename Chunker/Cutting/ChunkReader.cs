using System.Buffers;
using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>Reads a stream chunk by chunk, through one pooled buffer that it keeps from stream to stream.</summary>
/// <remarks>For one caller at a time. Reads ahead of the chunks it returns; never closes or seeks the stream.</remarks>
public sealed class ChunkReader : IDisposable
{
    /// <summary>Chunks of maximum length that the buffer holds: the more, the fewer bytes are moved.</summary>
    private const int BufferChunks = 4;

    private readonly CutParameters _parameters;
    private Stream _source;
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _isFinal;

    /// <summary>Makes a reader from the current position of <paramref name="source"/> to its end.</summary>
    /// <param name="source">Closed by the caller.</param>
    /// <param name="parameters">Valid parameters.</param>
    /// <exception cref="ArgumentException">The parameters are invalid.</exception>
    public ChunkReader(Stream source, CutParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(source);
        parameters.Validate();
        _source = source;
        _parameters = parameters;
        _buffer = ArrayPool<byte>.Shared.Rent(BufferChunks * parameters.Max);
    }

    /// <summary>
    /// Starts over with another stream and the same buffer; unread bytes of the old one are dropped.
    /// </summary>
    /// <param name="source">Closed by the caller.</param>
    public void Reset(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        ObjectDisposedException.ThrowIf(_buffer is null, this);
        _source = source;
        _start = 0;
        _end = 0;
        _isFinal = false;
    }

    /// <summary>Reads the next chunk; empty once the stream has ended.</summary>
    /// <remarks>
    /// The bytes belong to the reader and are valid until the next call of any member. After a failed or cancelled
    /// read, the same chunk can be requested again.
    /// </remarks>
    /// <exception cref="IOException">The stream could not be read.</exception>
    public ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_buffer is null, this);
        return TryTake(_buffer, out var chunk)
            ? new ValueTask<ReadOnlyMemory<byte>>(chunk)
            : FillAndTakeAsync(_buffer, cancellationToken);
    }

    /// <summary>Returns the buffer; chunks read before must not be used any more.</summary>
    public void Dispose()
    {
        if (_buffer is null)
            return;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadOnlyMemory<byte>> FillAndTakeAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        // Too little for a cut is less than one chunk of maximum length: at most a quarter of the buffer.
        buffer.AsSpan(_start, _end - _start).CopyTo(buffer);
        _end -= _start;
        _start = 0;
        ReadOnlyMemory<byte> chunk;
        do
        {
            var read = await _source.ReadAsync(buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            _end += read;
            _isFinal = read == 0;
        }
        while (!TryTake(buffer, out chunk));
        return chunk;
    }

    private bool TryTake(byte[] buffer, out ReadOnlyMemory<byte> chunk)
    {
        var length = FastCdc.NextCut(buffer.AsSpan(_start, _end - _start), _parameters, _isFinal);
        chunk = buffer.AsMemory(_start, length);
        _start += length;
        return length > 0 || _isFinal;
    }
}
