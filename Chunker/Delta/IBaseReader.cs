namespace ChunkOta.Chunking;

/// <summary>Bytes of a fixed length, readable at any offset: a file of either release, or a delta object.</summary>
/// <remarks>For one caller at a time. The codec neither owns nor closes one.</remarks>
public interface IBaseReader
{
    /// <summary>Length in bytes; constant.</summary>
    long Length { get; }

    /// <summary>Fills <paramref name="destination"/> completely, or throws.</summary>
    /// <param name="offset">Offset of the first byte; the destination's end is never beyond
    /// <see cref="Length"/>.</param>
    /// <param name="destination">Any length; its content is undefined after a failure.</param>
    void Read(long offset, Span<byte> destination);
}
