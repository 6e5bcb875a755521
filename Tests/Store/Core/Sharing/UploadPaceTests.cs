using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Sharing;

public sealed class UploadPaceTests
{
    private static readonly UploadPace Pace = new(TimeSpan.FromSeconds(120), 1000);

    [Theory]
    [InlineData(119, 0, 0, false)]
    [InlineData(120, 0, 1_000_000_000, true)]
    [InlineData(1, 118, 0, false)]
    [InlineData(1, 119, 0, true)]
    [InlineData(1, 119, 1000, false)]
    [InlineData(1, 1119, 1_000_000, true)]
    [InlineData(1, 1118, 1_000_000, false)]
    public void An_upload_that_pauses_or_trickles_is_too_slow(int pause, int waited, long bytes, bool isTooSlow) =>
        Assert.Equal(
            isTooSlow, Pace.IsTooSlow(TimeSpan.FromSeconds(pause), TimeSpan.FromSeconds(waited), bytes));
}
