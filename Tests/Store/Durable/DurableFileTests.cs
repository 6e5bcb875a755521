using System.Runtime.InteropServices;
using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Durable;

public sealed class DurableFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void DUR_00_A_failed_call_gives_its_error_number()
    {
        var result = Libc.SyncFileSystem(-1);

        Assert.Equal(-1, result);
        Assert.Equal((int)Errno.BadDescriptor, Marshal.GetLastPInvokeError());
    }

    [Fact]
    public void DUR_01_A_failed_sync_is_fatal_for_the_file()
    {
        using var file = DurableFile.Create(_folder["a"]);
        file.WriteAt(0, "content"u8);
        using (FaultPoint.Arm($"op=Sync;path={_folder.Path};mode=eio"))
        {
            var failure = Assert.Throws<FileSystemException>(file.Sync);

            Assert.Equal("IO_ERROR", failure.Code);
            Assert.Equal(FileProblem.DeviceFailed, failure.Problem);
            Assert.Contains(_folder["a"], failure.Message, StringComparison.Ordinal);
        }

        Assert.Throws<FileSystemException>(file.Sync);
        Assert.Throws<FileSystemException>(file.SyncData);
    }

    [Fact]
    public void A_file_gives_back_what_was_written()
    {
        using var file = DurableFile.Create(_folder["a"]);

        file.WriteAt(4, "world"u8);
        file.WriteAt(0, "hell"u8);
        file.Sync();

        var bytes = new byte[20];
        Assert.Equal(9, file.ReadAt(0, bytes));
        Assert.Equal("hellworld"u8, bytes.AsSpan(0, 9));
        Assert.Equal(0, file.ReadAt(9, bytes));
        Assert.Equal(9, file.Length);
    }

    [Fact]
    public void A_name_that_is_taken_is_never_opened_by_Create()
    {
        DurableFile.Create(_folder["a"]).Dispose();
        File.CreateSymbolicLink(_folder["link"], _folder["elsewhere"]);

        Assert.Equal(
            FileProblem.Exists, Assert.Throws<FileSystemException>(() => DurableFile.Create(_folder["a"])).Problem);
        Assert.Equal(
            FileProblem.Exists, Assert.Throws<FileSystemException>(() => DurableFile.Create(_folder["link"])).Problem);
        Assert.False(File.Exists(_folder["elsewhere"]));
    }

    [Fact]
    public void A_link_is_not_opened_for_the_file_behind_it()
    {
        File.WriteAllText(_folder["a"], "secret");
        File.CreateSymbolicLink(_folder["link"], _folder["a"]);

        Assert.Equal(
            FileProblem.Link, Assert.Throws<FileSystemException>(() => DurableFile.OpenRead(_folder["link"])).Problem);
    }

    [Fact]
    public void A_missing_file_is_null_for_TryOpenRead_and_an_error_for_OpenRead()
    {
        Assert.Null(DurableFile.TryOpenRead(_folder["a"]));
        Assert.Null(DurableFile.FindBytes(_folder["a"], 10));
        Assert.Equal(
            FileProblem.Missing, Assert.Throws<FileSystemException>(() => DurableFile.OpenRead(_folder["a"])).Problem);
    }

    [Fact]
    public void FindBytes_reads_no_more_than_it_may()
    {
        File.WriteAllText(_folder["a"], "12345678901");

        Assert.Equal("TOO_LARGE", Assert.Throws<ChunkOtaException>(() => DurableFile.FindBytes(_folder["a"], 10)).Code);
        Assert.Equal(11, DurableFile.FindBytes(_folder["a"], 11)!.Length);
    }

    [Fact]
    public void Permissions_are_exact_whatever_the_umask()
    {
        using var created = DurableFile.Create(_folder["a"], Permissions.Executable);
        using var changed = DurableFile.Create(_folder["b"]);
        changed.SetPermissions(Permissions.Executable);
        Fs.MakeDirectory(_folder["c"], Permissions.Executable);

        Assert.Equal(0b111_101_101, created.Status.Mode);
        Assert.Equal(0b111_101_101, changed.Status.Mode);
        Assert.Equal(0b111_101_101, Fs.FindStatus(_folder["c"])!.Value.Mode);
    }

    [Fact]
    public void Permissions_of_no_name_are_refused()
    {
        var setuid = (Permissions)0b100_111_101_101;

        Assert.Throws<ArgumentOutOfRangeException>(() => DurableFile.Create(_folder["a"], setuid));
        Assert.False(File.Exists(_folder["a"]));
    }

    [Fact]
    public void A_full_disk_is_DISK_FULL_and_names_the_file()
    {
        using var file = DurableFile.OpenWrite("/dev/full");

        var failure = Assert.Throws<FileSystemException>(() => file.WriteAt(0, "x"u8));

        Assert.Equal("DISK_FULL", failure.Code);
        Assert.Contains("/dev/full", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Truncate_and_Reserve_set_the_length()
    {
        using var file = DurableFile.Create(_folder["a"]);
        file.Reserve(10_000);
        Assert.InRange(file.Length, 0, 10_000);

        file.Truncate(3);

        Assert.Equal(3, file.Length);
    }

    [Theory]
    [InlineData(0, 50_000)]
    [InlineData(1, 50_000)]
    [InlineData(4_095, 8_193)]
    [InlineData(12_288, 4_096)]
    public void Zeros_written_sparsely_over_older_bytes_read_as_zeros(int offset, int length)
    {
        var expected = new byte[80_000];
        expected.AsSpan().Fill(7);
        using var file = DurableFile.Create(_folder["a"]);
        file.WriteAt(0, expected);
        var written = new byte[length];
        written[length / 3] = 1;

        file.WriteSparseAt(offset, written);

        written.CopyTo(expected, offset);
        var found = new byte[expected.Length];
        Assert.Equal(found.Length, file.ReadAt(0, found));
        Assert.Equal(expected, found);
    }

    [Fact]
    public void A_clone_holds_the_same_bytes_or_says_that_it_cannot()
    {
        using var source = DurableFile.Create(_folder["a"]);
        source.WriteAt(0, "content"u8);
        using var copy = DurableFile.Create(_folder["b"]);

        var isCloned = copy.TryClone(source);

        Assert.Equal(isCloned ? 7 : 0, copy.Length);
    }

    [Fact]
    public async Task The_stream_reads_seeks_and_leaves_the_file_open()
    {
        using var file = DurableFile.Create(_folder["a"]);
        file.WriteAt(0, "0123456789"u8);
        var bytes = new byte[4];
        await using (var stream = file.OpenStream())
        {
            stream.Seek(-6, SeekOrigin.End);
            await stream.ReadExactlyAsync(bytes);
        }

        Assert.Equal("4567"u8, bytes);
        Assert.Equal(10, file.Length);
    }

    [Fact]
    public void A_path_with_a_NUL_is_refused_before_C_cuts_it_short() =>
        Assert.Throws<ArgumentException>(() => DurableFile.Create(_folder["a"] + "\0b"));
}
