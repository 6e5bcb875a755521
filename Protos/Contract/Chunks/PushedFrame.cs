namespace ChunkOta.Protos;

/// <summary>A frame on its way to the store: the message PutFramesRequest.</summary>
/// <inheritdoc cref="FrameMessage" path="/remarks"/>
public sealed class PushedFrame : FrameMessage
{
    /// <summary>The longest publish id that is read, in bytes; those that servers give have 16.</summary>
    public const int MaxPublishIdBytes = 64;

    /// <summary>A message to send.</summary>
    /// <param name="publishId">From BeginPublish.</param>
    /// <param name="chunkBytes">Plain length in bytes of each chunk, in order; borrowed until the write has
    /// returned.</param>
    /// <param name="frame">At most <see cref="FrameMessage.MaxFrameBytes"/>; borrowed likewise.</param>
    public PushedFrame(ReadOnlyMemory<byte> publishId, ReadOnlyMemory<uint> chunkBytes, ReadOnlyMemory<byte> frame)
        : base(chunkBytes, frame)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(publishId.Length, MaxPublishIdBytes);
        PublishId = publishId;
    }

    internal PushedFrame(FrameFields received) : base(received) => PublishId = received.PublishId;

    /// <summary>Which publish the chunks are for. Not pooled: it may be kept.</summary>
    public ReadOnlyMemory<byte> PublishId { get; }

    /// <summary>Plain length in bytes of each chunk of the frame, in order; nothing of it is verified.</summary>
    /// <exception cref="ObjectDisposedException">The message was disposed of.</exception>
    public ReadOnlyMemory<uint> ChunkBytes => Numbers;
}
