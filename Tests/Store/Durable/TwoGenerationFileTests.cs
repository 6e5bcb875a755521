using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Durable;

public sealed class TwoGenerationFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TwoGenerationFile _state;

    public TwoGenerationFileTests() => _state = new TwoGenerationFile(_folder["state"]);

    private byte[] Found => _state.Find() ?? throw new InvalidOperationException("There is no state.");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nothing_written_is_nothing_found() => Assert.Null(_state.Find());

    [Fact]
    public void The_worked_example_of_the_format_is_read()
    {
        File.WriteAllBytes(_folder["state.b"], FormatDoc.Example("State of two generations"));

        Assert.Equal("on"u8, Found);
        _state.Write("off"u8);
        Assert.Equal(4, File.ReadAllBytes(_folder["state.a"])[8]);
    }

    [Fact]
    public void The_last_content_written_is_found_and_the_one_before_is_kept()
    {
        for (byte i = 1; i <= 5; i++)
        {
            _state.Write([i]);
            Assert.Equal([i], Found);
        }

        File.Delete(_folder["state.a"]);
        Assert.Equal([4], Found);
        _state.Write([6]);
        Assert.Equal([6], Found);
    }

    [Fact]
    public void On_a_full_disk_the_older_generation_is_overwritten()
    {
        _state.Write("first"u8);
        using (FaultPoint.Arm($"op=Create;mode=enospc;path={_folder.Path};sticky"))
        {
            Assert.Equal("DISK_FULL", Assert.Throws<FileSystemException>(() => _state.Write("second"u8)).Code);
            Assert.Equal("first"u8, Found);
        }
        _state.Write("second"u8);
        using (FaultPoint.Arm($"op=Create;mode=enospc;path={_folder.Path};sticky"))
        {
            _state.Write("third"u8);
            _state.Write("4th"u8);
        }

        Assert.Equal("4th"u8, Found);
        File.Delete(_folder["state.b"]);
        Assert.Equal("third"u8, Found);
    }

    [Fact]
    public void Whatever_happens_to_the_newest_generation_the_other_is_found_and_the_next_write_heals()
    {
        _state.Write("old"u8);
        var newest = _folder["state.b"];
        foreach (var damaged in Damages())
        {
            _state.Write("new"u8);
            var whole = File.ReadAllBytes(newest);
            File.WriteAllBytes(newest, damaged(whole));

            Assert.Equal("old"u8, Found);
            _state.Write("next"u8);
            Assert.Equal("next"u8, Found);

            File.Delete(newest);
            Assert.Equal("old"u8, Found);
        }
    }

    [Fact]
    public void Every_flipped_bit_of_the_newest_generation_is_noticed()
    {
        _state.Write("old"u8);
        _state.Write("new"u8);
        var whole = File.ReadAllBytes(_folder["state.b"]);
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var flipped = whole.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(_folder["state.b"], flipped);

            Assert.Equal("old"u8, Found);
        }
    }

    [Fact]
    public void A_generation_that_cannot_be_read_counts_as_damaged()
    {
        _state.Write("old"u8);
        _state.Write("new"u8);
        File.Delete(_folder["state.b"]);
        Directory.CreateDirectory(_folder["state.b"]);

        Assert.Equal("old"u8, Found);

        File.Delete(_folder["state.a"]);
        Directory.CreateDirectory(_folder["state.a"]);
        Assert.Equal("IO_ERROR", Assert.Throws<ChunkOtaException>(_state.Find).Code);
    }

    [Fact]
    public void Two_damaged_generations_are_an_error_and_not_an_empty_state()
    {
        File.WriteAllText(_folder["state.a"], "");
        File.WriteAllBytes(_folder["state.b"], new byte[100]);

        Assert.Equal("IO_ERROR", Assert.Throws<ChunkOtaException>(_state.Find).Code);
        _state.Write("healed"u8);
        Assert.Equal("healed"u8, Found);
    }

    [Theory]
    [InlineData("Create")]
    [InlineData("Write")]
    [InlineData("Sync")]
    [InlineData("Rename")]
    public void A_write_that_fails_leaves_the_last_content_and_no_draft(string operation)
    {
        _state.Write("old"u8);
        using (FaultPoint.Arm($"op={operation};path={_folder.Path};mode=enospc"))
            Assert.Equal("DISK_FULL", Assert.Throws<FileSystemException>(() => _state.Write("new"u8)).Code);

        Assert.Equal("old"u8, Found);
        Assert.Equal(["state.a"], Fs.FindNames(_folder.Path)!.Select(entry => entry.Name));
    }

    [Fact]
    public void On_a_full_disk_the_older_generation_gives_its_space_to_the_newer()
    {
        _state.Write("older"u8);
        _state.Write("old"u8);
        using (FaultPoint.Arm($"op=Write;path={_folder.Path};mode=enospc"))
            _state.Write("new"u8);

        Assert.Equal("new"u8, Found);
        File.Delete(_folder["state.a"]);
        Assert.Equal("old"u8, Found);
        using (FaultPoint.Arm($"op=Write;path={_folder.Path};mode=enospc;sticky"))
            Assert.Equal("DISK_FULL", Assert.Throws<FileSystemException>(() => _state.Write("newest"u8)).Code);
        Assert.Equal("old"u8, Found);
    }

    private static IEnumerable<Func<byte[], byte[]>> Damages()
    {
        yield return whole => [];
        yield return whole => new byte[whole.Length];
        yield return whole => [.. whole, 0];
        yield return whole => [.. whole[..8], 255, .. whole[9..]];
        for (var length = 1; length < 20 + 3 + 32; length++)
        {
            var torn = length;
            yield return whole => whole[..torn];
        }
    }
}
