using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Durable;

public sealed class FsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Renaming_a_link_to_a_directory_moves_the_link()
    {
        Fs.MakeDirectory(_folder["one"]);
        Fs.MakeDirectory(_folder["two"]);
        Fs.MakeSymlink("one", _folder["current"]);
        Fs.MakeSymlink("two", _folder["next"]);

        Fs.Rename(_folder["next"], _folder["current"]);

        Assert.Equal("two", Fs.FindLinkTarget(_folder["current"]));
        Assert.Null(Fs.FindStatus(_folder["next"]));
    }

    [Fact]
    public void Exchange_swaps_two_names()
    {
        File.WriteAllText(_folder["a"], "A");
        File.WriteAllText(_folder["b"], "B");

        Fs.Exchange(_folder["a"], _folder["b"]);

        Assert.Equal("B", File.ReadAllText(_folder["a"]));
        Assert.Equal("A", File.ReadAllText(_folder["b"]));
    }

    [Fact]
    public void TryRenameNew_leaves_a_taken_name_alone()
    {
        File.WriteAllText(_folder["a"], "A");
        File.WriteAllText(_folder["b"], "B");

        Assert.False(Fs.TryRenameNew(_folder["a"], _folder["b"]));
        Assert.Equal("B", File.ReadAllText(_folder["b"]));
        Assert.True(Fs.TryRenameNew(_folder["a"], _folder["c"]));
    }

    [Fact]
    public void MakeDirectory_says_whether_it_was_there_and_refuses_a_file_of_that_name()
    {
        File.WriteAllText(_folder["file"], "");

        Assert.True(Fs.MakeDirectory(_folder["a"]));
        Assert.False(Fs.MakeDirectory(_folder["a"]));
        Assert.Equal(
            FileProblem.Exists, Assert.Throws<FileSystemException>(() => Fs.MakeDirectory(_folder["file"])).Problem);
    }

    [Fact]
    public void MakeDirectories_makes_what_is_missing()
    {
        Fs.MakeDirectories(_folder["a/b/c"]);
        Fs.MakeDirectories(_folder["a/b/c"]);

        Assert.Equal(FileKind.Directory, Fs.FindStatus(_folder["a/b/c"])!.Value.Kind);
        Assert.Equal(0b111_000_000, Fs.FindStatus(_folder["a/b"])!.Value.Mode);
    }

    [Fact]
    public void Links_are_resolved_as_far_as_the_path_exists()
    {
        Fs.MakeDirectories(_folder["real/home"]);
        Fs.MakeSymlink("real", _folder["link"]);
        Fs.MakeSymlink("nowhere", _folder["dangling"]);

        Assert.Equal(_folder["real/home"], Fs.Resolve(_folder["link/home"]));
        Assert.Equal(_folder["real/new/deep"], Fs.Resolve(_folder["link/new/deep/"]));
        Assert.Equal(_folder["dangling"], Fs.Resolve(_folder["dangling"]));
        Assert.Equal("/", Fs.Resolve("/"));
    }

    [Fact]
    public void A_folder_is_made_below_a_link_that_leads_to_one()
    {
        Directory.CreateDirectory(_folder["disk"]);
        File.CreateSymbolicLink(_folder["link"], _folder["disk"]);

        Fs.MakeDirectories(_folder["link/keys"]);
        Fs.MakeDirectories(_folder["link/a/b"]);

        Assert.True(Directory.Exists(_folder["disk/keys"]));
        Assert.True(Directory.Exists(_folder["disk/a/b"]));
    }

    [Fact]
    public void A_folder_is_not_made_in_the_place_of_a_dangling_link()
    {
        Fs.MakeSymlink("nowhere", _folder["dangling"]);

        var failure = Assert.Throws<FileSystemException>(() => Fs.MakeDirectories(_folder["dangling"]));

        Assert.Equal(FileProblem.Link, failure.Problem);
        Assert.Contains("a link that does not lead to a folder", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_are_listed_in_the_order_of_their_bytes_with_what_they_are()
    {
        File.WriteAllText(_folder["b"], "");
        File.WriteAllText(_folder["B"], "");
        Fs.MakeDirectory(_folder["ä"]);
        Fs.MakeSymlink("nowhere", _folder["a"]);

        Assert.Equal(
            [("B", FileKind.File), ("a", FileKind.SymbolicLink), ("b", FileKind.File), ("ä", FileKind.Directory)],
            Fs.FindNames(_folder.Path)!);
        Assert.Null(Fs.FindNames(_folder["missing"]));
    }

    [Fact]
    public void A_directory_of_more_names_than_one_call_returns_is_listed_whole()
    {
        var names = Enumerable.Range(0, 3000).Select(i => $"{i:D4}-{new string('x', 40)}").ToArray();
        foreach (var name in names) DurableFile.Create(_folder[name]).Dispose();

        Assert.Equal(names, Fs.FindNames(_folder.Path)!.Select(entry => entry.Name));
    }

    [Fact]
    public void A_file_system_has_room_and_can_be_synced()
    {
        Fs.SyncDirectory(_folder.Path);
        using var barrier = FileSystemBarrier.Open(_folder.Path);
        barrier.Sync();

        Assert.True(Fs.FreeBytes(_folder.Path) > 0);
    }

    [Fact]
    public void Only_one_holds_a_lock_and_the_other_is_told_BUSY()
    {
        using (FileLock.Acquire(_folder["lock"]))
            Assert.Equal("BUSY", Assert.Throws<FileSystemException>(() => FileLock.Acquire(_folder["lock"])).Code);

        FileLock.Acquire(_folder["lock"]).Dispose();
    }

    [FactIfInstalled("mkfs.btrfs")]
    public async Task Whether_files_can_share_blocks_is_found_out_without_a_trace()
    {
        await using var btrfs = await SmallDisk.MountBtrfsAsync(_folder["btrfs"], megabytes: 64);
        await using var memory = await SmallDisk.MountAsync(_folder["memory"], megabytes: 1);

        Assert.True(Fs.CanClone(btrfs.Path));
        Assert.False(Fs.CanClone(memory.Path));
        Assert.False(Fs.CanClone(_folder["nowhere"]));
        Assert.Empty(Fs.FindNames(btrfs.Path)!);
    }

    [Fact]
    public async Task A_file_system_without_inodes_is_told_from_one_without_space()
    {
        await using var disk = await SmallDisk.MountAsync(_folder["inodes"], megabytes: 1, inodes: 4);

        var failure = Assert.Throws<FileSystemException>(() =>
        {
            for (var i = 0; i < 4; i++)
                Fs.MakeDirectory(Path.Combine(disk.Path, $"{i}"));
        });

        Assert.Equal(
            (FileProblem.NoInodes, ErrorCodes.DiskFull, FailureCause.Inodes),
            (failure.Problem, failure.Code, failure.Cause));
        Assert.EndsWith("has no inode left for another file", failure.Message, StringComparison.Ordinal);
    }
}
