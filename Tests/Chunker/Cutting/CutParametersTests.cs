using ChunkOta.Chunking;

namespace ChunkOta.Tests.Chunker.Cutting;

public sealed class CutParametersTests
{
    [Fact]
    public void The_default_is_16_64_256_KiB_without_a_seed()
    {
        Assert.Equal(new CutParameters(16_384, 65_536, 262_144, 0), CutParameters.Default);
        Assert.Null(CutParameters.Default.FindProblem());
    }

    [Theory]
    [InlineData(64, 256, 256)]
    [InlineData(256, 256, 256)]
    [InlineData(4096, 16_384, 65_535)]
    [InlineData(64, 512 * 1024, 512 * 1024)]
    public void Parameters_at_the_limits_are_accepted(int min, int average, int max) =>
        new CutParameters(min, average, max, ulong.MaxValue).Validate();

    [Theory]
    [InlineData(62, 256, 1024, "minimum")]
    [InlineData(65, 256, 1024, "even")]
    [InlineData(-2, 256, 1024, "minimum")]
    [InlineData(64, 128, 1024, "average")]
    [InlineData(64, 1000, 4096, "power of two")]
    [InlineData(64, -256, 4096, "average")]
    [InlineData(64, int.MinValue, 4096, "average")]
    [InlineData(64, 256, (512 * 1024) + 1, "maximum")]
    [InlineData(64, 1 << 20, int.MaxValue, "maximum")]
    [InlineData(258, 256, 1024, "descend")]
    [InlineData(64, 512, 510, "descend")]
    [InlineData(0, 0, 0, "minimum")]
    public void Parameters_past_a_limit_are_refused_with_the_reason(int min, int average, int max, string reason)
    {
        var parameters = new CutParameters(min, average, max);

        var error = Assert.Throws<ArgumentException>(parameters.Validate);

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => FastCdc.NextCut(new byte[10], parameters, isFinal: true));
        Assert.Throws<ArgumentException>(() => new ChunkReader(Stream.Null, parameters));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(16_384, true)]
    [InlineData(16_385, false)]
    [InlineData(long.MaxValue, false)]
    public void A_file_no_longer_than_the_minimum_is_one_chunk(long length, bool expected) =>
        Assert.Equal(expected, CutParameters.Default.IsWholeFile(length));
}
