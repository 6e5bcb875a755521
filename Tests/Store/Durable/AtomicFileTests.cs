using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Durable;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_replaced_file_has_the_new_content_and_mode()
    {
        AtomicFile.Replace(_folder["a"], "old"u8, Permissions.Ordinary);
        AtomicFile.Replace(_folder["a"], "new"u8);

        Assert.Equal("new", File.ReadAllText(_folder["a"]));
        Assert.Equal(0b110_000_000, Fs.FindStatus(_folder["a"])!.Value.Mode);
    }

    [Fact]
    public void An_empty_file_can_be_written()
    {
        AtomicFile.Replace(_folder["a"], []);

        Assert.Equal(0, Fs.FindStatus(_folder["a"])!.Value.Length);
    }

    [Theory]
    [InlineData("Create")]
    [InlineData("Write")]
    [InlineData("Sync")]
    [InlineData("Rename")]
    public void A_failure_before_the_rename_leaves_the_old_content_and_nothing_else(string operation)
    {
        AtomicFile.Replace(_folder["a"], "old"u8);
        using (FaultPoint.Arm($"op={operation};path={_folder.Path};mode=eio"))
            Assert.Equal(
                "IO_ERROR",
                Assert.Throws<FileSystemException>(() => AtomicFile.Replace(_folder["a"], "new"u8)).Code);

        Assert.Equal("old", File.ReadAllText(_folder["a"]));
        Assert.Equal(["a"], Fs.FindNames(_folder.Path)!.Select(entry => entry.Name));
    }

    [Fact]
    public void A_failed_sync_of_the_directory_is_told_though_the_new_content_is_there()
    {
        AtomicFile.Replace(_folder["a"], "old"u8);
        using (FaultPoint.Arm($"op=SyncDirectory;path={_folder.Path};mode=eio"))
            Assert.Throws<FileSystemException>(() => AtomicFile.Replace(_folder["a"], "new"u8));

        Assert.Equal("new", File.ReadAllText(_folder["a"]));
    }

    [Fact]
    public void The_steps_are_create_write_sync_rename_and_sync_of_the_directory()
    {
        using var log = new TemporaryFolder();
        using (FaultPoint.Arm($"path={_folder.Path};mode=log;log={log["steps"]}"))
            AtomicFile.Replace(_folder["a"], "new"u8);

        Assert.Equal(
            ["Create", "Write", "Sync", "Rename", "SyncDirectory"],
            File.ReadLines(log["steps"]).Select(line => line.Split(' ')[1]));
    }
}
