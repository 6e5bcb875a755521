namespace ChunkOta.Chunking;

/// <summary>Bytes that are read once, from the first to the last, without copying them.</summary>
internal interface IByteSource
{
    /// <summary>The next bytes, at least one unless the source has ended. Valid until the next call.</summary>
    ReadOnlySpan<byte> Peek();

    /// <summary>Consumes bytes.</summary>
    /// <param name="count">At most as many as <see cref="Peek"/> returned.</param>
    void Advance(int count);
}
