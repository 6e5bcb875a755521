using ChunkOta.Admin;

namespace ChunkOta.Tests.Admin;

/// <summary>Counts the bytes it is told of.</summary>
internal sealed class CountingProgress : IPublishProgress
{
    private long _bytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    public void Begin(string step, long totalBytes) => Interlocked.Exchange(ref _bytes, 0);

    public void Advance(long bytes) => Interlocked.Add(ref _bytes, bytes);

    public void Note(string state) => Assert.NotEmpty(state);

    public void End(string outcome) => Assert.NotEmpty(outcome);
}
