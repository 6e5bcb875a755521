using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Durable;

public sealed class ScratchStreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_back_at_any_place()
    {
        using var scratch = ScratchStream.Create(_folder.Path);
        scratch.Write("hello world"u8);
        scratch.Position = 6;
        scratch.Write("there"u8);
        var (all, part) = (new byte[20], new byte[5]);

        Assert.Equal(11, scratch.ReadAt(0, all));
        Assert.Equal(5, scratch.ReadAt(6, part));
        Assert.Equal("hello there"u8, all.AsSpan(0, 11));
        Assert.Equal("there"u8, part);
        Assert.Equal(0, scratch.ReadAt(11, part));
    }

    [Fact]
    public void What_is_cut_off_is_gone_and_the_file_can_be_used_again()
    {
        using var scratch = ScratchStream.Create(_folder.Path);
        scratch.Write(new byte[1000]);

        scratch.SetLength(0);
        scratch.Write("new"u8);

        Assert.Equal(3, scratch.Length);
        scratch.Position = 0;
        using var copy = new MemoryStream();
        scratch.CopyTo(copy);
        Assert.Equal("new"u8, copy.ToArray());
    }

    [Fact]
    public void It_never_has_a_name()
    {
        using var scratch = ScratchStream.Create(_folder.Path);
        scratch.Write(new byte[10]);

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }
}
