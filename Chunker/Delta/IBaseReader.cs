namespace ChunkOta.Chunking;

/// <summary>Bytes of a fixed length that can be read at any place: a file of either release, or a delta object.</summary>
/// <remarks>For one caller at a time. Nothing here owns or closes one.</remarks>
public interface IBaseReader
{
    /// <summary>All bytes there are; does not change.</summary>
    long Length { get; }

    /// <summary>Fills <paramref name="destination"/> wholly, or throws.</summary>
    /// <param name="offset">Where the first byte stands; with the destination's length never beyond <see cref="Length"/>.</param>
    /// <param name="destination">Any length; holds rubbish after a failure.</param>
    void Read(long offset, Span<byte> destination);
}
