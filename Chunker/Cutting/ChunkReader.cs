using System.Buffers;
using System.Runtime.CompilerServices;

namespace ChunkOta.Chunking;

/// <summary>Reads a stream chunk by chunk, through one pooled buffer that it keeps from stream to stream.</summary>
/// <remarks>For one caller at a time. Reads ahead of the chunks it gives; never closes or seeks the stream.</remarks>
public sealed class ChunkReader : IDisposable
{
    /// <summary>How many chunks of the greatest length the buffer holds: more of them, less moving of a rest.</summary>
    private const int BufferChunks = 4;

    private readonly CutParameters _parameters;
    private Stream _source;
    private byte[]? _buffer;
    private int _start;
    private int _end;
    private bool _isFinal;

    /// <summary>Makes a reader from where <paramref name="source"/> stands to its end.</summary>
    /// <param name="source">Stays the caller's to close.</param>
    /// <param name="parameters">Valid parameters.</param>
    /// <exception cref="ArgumentException">The parameters cannot be used.</exception>
    public ChunkReader(Stream source, CutParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(source);
        parameters.Validate();
        _source = source;
        _parameters = parameters;
        _buffer = ArrayPool<byte>.Shared.Rent(BufferChunks * parameters.Max);
    }

    /// <summary>
    /// Begins anew with another stream and the same buffer; what was left of the old one is forgotten.
    /// </summary>
    /// <param name="source">Stays the caller's to close.</param>
    public void Reset(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        ObjectDisposedException.ThrowIf(_buffer is null, this);
        _source = source;
        _start = 0;
        _end = 0;
        _isFinal = false;
    }

    /// <summary>The next chunk; empty when the stream has ended, then and at every later call.</summary>
    /// <remarks>
    /// The bytes are the reader's: they hold until the next call of any member. After a failed or cancelled read the
    /// same chunk may be asked for again.
    /// </remarks>
    /// <exception cref="IOException">The stream could not be read.</exception>
    public ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_buffer is null, this);
        return TryTake(_buffer, out var chunk)
            ? new ValueTask<ReadOnlyMemory<byte>>(chunk)
            : FillAndTakeAsync(_buffer, cancellationToken);
    }

    /// <summary>Gives the buffer back; chunks given before must not be read any more.</summary>
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
        // Not enough for a cut is less than one chunk of the greatest length: a quarter of the buffer at most.
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
