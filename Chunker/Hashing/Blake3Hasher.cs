namespace ChunkOta.Chunking;

/// <summary>BLAKE3 of bytes that arrive piece by piece; the digest does not depend on the pieces.</summary>
/// <remarks>
/// Holds about 26 KB, allocates nothing after construction and needs no disposal. One caller at a time.
/// Pieces larger than 16 KiB are hashed in place; smaller ones are collected first, because the wide kernels hash
/// 16 chunks of 1 KiB at once.
/// </remarks>
public sealed class Blake3Hasher
{
    private const int PendingBytes = 16 * Blake3.ChunkBytes;

    private readonly Blake3.Kernel _kernel;
    private readonly byte[] _pending = new byte[PendingBytes];
    private readonly uint[] _leaves = new uint[Blake3.RunChunks * Blake3.CvWords];
    private readonly uint[] _subtrees = new uint[Blake3.MaxSubtrees * Blake3.CvWords];

    private int _pendingCount;
    private int _leafCount;
    private ulong _runs;
    private bool _isFinished;

    /// <summary>Makes a hasher, ready for the first bytes.</summary>
    public Blake3Hasher()
        : this(Blake3.WidestKernel)
    {
    }

    internal Blake3Hasher(Blake3.Kernel kernel) => _kernel = kernel;

    /// <summary>Hashes more bytes. They are not kept: the caller can reuse the memory at once.</summary>
    /// <param name="data">Any number of bytes, including none.</param>
    /// <exception cref="InvalidOperationException">
    /// <see cref="Finish"/> was called; <see cref="Reset"/> comes first.
    /// </exception>
    public void Append(ReadOnlySpan<byte> data)
    {
        ThrowIfFinished();

        // Bytes are hashed only when others follow, as the last chunk may be the root: the pending buffer is full at
        // most, and empty only before the first byte.
        while (!data.IsEmpty)
        {
            if (_pendingCount == PendingBytes)
            {
                AddChunks(_pending);
                _pendingCount = 0;
            }

            if (_pendingCount == 0 && data.Length > PendingBytes)
            {
                var direct = (data.Length - 1) / PendingBytes * PendingBytes;
                AddChunks(data[..direct]);
                data = data[direct..];
            }

            var taken = Math.Min(data.Length, PendingBytes - _pendingCount);
            data[..taken].CopyTo(_pending.AsSpan(_pendingCount));
            _pendingCount += taken;
            data = data[taken..];
        }
    }

    /// <summary>
    /// Returns the digest of all bytes appended. The hasher accepts no more until <see cref="Reset"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">Already called since the last reset.</exception>
    public unsafe Digest Finish()
    {
        ThrowIfFinished();
        _isFinished = true;

        if (_runs == 0 && _leafCount == 0 && _pendingCount <= Blake3.ChunkBytes)
        {
            fixed (byte* pending = _pending)
                return Blake3.HashSingleChunk(_kernel, pending, _pendingCount);
        }

        AddChunks(_pending.AsSpan(0, _pendingCount));
        fixed (uint* leaves = _leaves, subtrees = _subtrees)
            return Blake3.Root(_kernel, leaves, _leafCount, subtrees, _runs);
    }

    /// <summary>Forgets everything: ready for the first bytes of another input.</summary>
    public void Reset()
    {
        _pendingCount = 0;
        _leafCount = 0;
        _runs = 0;
        _isFinished = false;
    }

    /// <summary>Hashes chunks, the very last one possibly short, into leaves; full runs become subtrees.</summary>
    private unsafe void AddChunks(ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        fixed (uint* leaves = _leaves, subtrees = _subtrees)
        {
            var input = start;
            var left = data.Length;
            while (left > 0)
            {
                if (_leafCount == Blake3.RunChunks)
                {
                    Blake3.PushRun(_kernel, leaves, subtrees, ref _runs);
                    _leafCount = 0;
                }

                var length = Math.Min(left, (Blake3.RunChunks - _leafCount) * Blake3.ChunkBytes);
                var firstChunk = _runs * Blake3.RunChunks + (uint)_leafCount;
                var cvs = leaves + _leafCount * Blake3.CvWords;
                _leafCount += Blake3.HashChunks(_kernel, input, length, firstChunk, cvs);
                input += length;
                left -= length;
            }
        }
    }

    private void ThrowIfFinished()
    {
        if (_isFinished)
            throw new InvalidOperationException("the hasher is finished: reset it before the next input");
    }
}
