namespace ChunkOta.Protos;

/// <summary>A frame on its way to an agent, and what stands in it: the message FetchChunksResponse.</summary>
/// <inheritdoc cref="FrameMessage" path="/remarks"/>
public sealed class FetchedFrame : FrameMessage
{
    /// <summary>A message to send.</summary>
    /// <param name="spans">As <see cref="FrameSpan"/> writes them; borrowed until the write has returned.</param>
    /// <param name="frame">At most <see cref="FrameMessage.MaxFrameBytes"/>; borrowed likewise.</param>
    public FetchedFrame(ReadOnlyMemory<uint> spans, ReadOnlyMemory<byte> frame) : base(spans, frame) { }

    internal FetchedFrame(FrameFields received) : base(received) { }

    /// <summary>The plain bytes of the frame in order, as groups of numbers: see <see cref="FrameSpan"/>.</summary>
    /// <exception cref="ObjectDisposedException">The message was disposed of.</exception>
    public ReadOnlyMemory<uint> Spans => Numbers;

    /// <summary>
    /// The groups of <see cref="Spans"/>, one by one; nothing in them is checked against the request.
    /// </summary>
    /// <exception cref="ChunkOtaException">FRAME_INVALID: the groups are incomplete.</exception>
    public IReadOnlyList<FrameSpan> ReadSpans() => FrameSpan.ReadAll(Spans.Span);
}
