using System.Runtime.InteropServices;
using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Contracts;

/// <summary>What a release tree promises, whichever system call opens what is in it.</summary>
public abstract partial class DirectoryTreeContract : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DirectoryTree _tree;

    private protected DirectoryTreeContract(BeneathWay way)
    {
        Fs.MakeDirectory(_folder["outside"]);
        File.WriteAllText(_folder["outside/x"], "outside");
        Fs.MakeDirectory(_folder["tree"]);
        _tree = DirectoryTree.Open(_folder["tree"], way);
        _tree.MakeDirectories("in/deep");
        _tree.MakeSymlink("lnk", "../outside");
        _tree.MakeSymlink("in/up", "..");
        _tree.MakeSymlink("in/here", "deep");
    }

    public void Dispose()
    {
        _tree.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Many_names_are_found_in_the_order_given_and_never_through_a_link()
    {
        File.WriteAllText(_folder["tree/in/file"], "text");

        var found = _tree.FindEach(
            ["in/file", "in/none", "in/here", "lnk/x", "in/deep", "none/x", "in/file/x", "lnk"], path => path).ToList();

        Assert.Equal(
            ["in/file File", "in/none ", "in/here SymbolicLink", "lnk/x ", "in/deep Directory", "none/x ",
                "in/file/x ", "lnk SymbolicLink"],
            found.Select(pair => $"{pair.Item} {pair.Found?.Status.Kind}"));
        Assert.Equal("deep", found[2].Found!.LinkTarget);
        Assert.Equal(_tree.Find("in/file"), found[0].Found);
    }

    [Fact]
    public void A_directory_that_its_owner_must_not_read_gets_its_permissions_back_and_no_link_is_followed()
    {
        File.SetUnixFileMode(_folder["tree/in/deep"], UnixFileMode.None);
        File.SetUnixFileMode(_folder["tree/in"], UnixFileMode.OtherWrite);

        _tree.SetPermissions("in", Permissions.Executable);
        _tree.SetPermissions("in/deep", Permissions.Executable);

        Assert.True(_tree.Find("in")!.Status.Has(Permissions.Executable));
        Assert.True(_tree.Find("in/deep")!.Status.Has(Permissions.Executable));
        foreach (var path in new[] { "lnk", "in/up/outside", "none", ".." })
            Assert.Throws<FileSystemException>(() => _tree.SetPermissions(path, Permissions.Executable));
        Assert.True(Fs.FindStatus(_folder["outside"])!.Value.Has(Permissions.PrivateDirectory));
    }

    [Fact]
    public async Task A_directory_that_something_is_mounted_on_is_told_from_one_of_the_tree()
    {
        await using (await SmallDisk.BindAsync(_folder["outside"], _folder["tree/in/deep"]))
        {
            Assert.True(_tree.IsMounted("in/deep"));
            Assert.False(_tree.IsMounted("in"));
        }
        Assert.False(_tree.IsMounted("in/deep"));
    }

    [Fact]
    public void A_move_replaces_a_file_or_link_and_a_new_name_must_be_free()
    {
        File.WriteAllText(_folder["tree/a"], "a");
        File.WriteAllText(_folder["tree/in/b"], "b");

        _tree.Move("a", _tree, "in/b");
        Assert.Equal("a", File.ReadAllText(_folder["tree/in/b"]));
        _tree.Move("in/b", _tree, "lnk");
        Assert.Equal("a", File.ReadAllText(_folder["tree/lnk"]));
        Assert.Equal("outside", File.ReadAllText(_folder["outside/x"]));

        Assert.False(_tree.TryMoveNew("lnk", "in/deep"));
        Assert.True(_tree.TryMoveNew("in/deep", "in/away"));
        Assert.True(Directory.Exists(_folder["tree/in/away"]));
    }

    [Theory]
    [InlineData("lnk/x")]
    [InlineData("in/up/y")]
    [InlineData("in/here/y")]
    [InlineData("../z")]
    [InlineData("in/../../z")]
    [InlineData("/tmp/zz")]
    [InlineData("/zz")]
    [InlineData("..")]
    [InlineData("in/../z")]
    [InlineData("in/./z")]
    [InlineData("in//z")]
    [InlineData("in/deep/")]
    public void A_path_that_leaves_the_tree_or_passes_a_link_is_refused_by_every_operation(string path)
    {
        FileProblem[] refusals =
        [
            FileProblem.Link, FileProblem.Outside, FileProblem.Exists, FileProblem.IsDirectory,
            FileProblem.NotDirectory,
        ];

        Action[] operations =
        [
            () => _tree.CreateFile(path, executable: false).Dispose(),
            () => _tree.OpenRead(path).Dispose(),
            () => _tree.TryOpenWrite(path)?.Dispose(),
            () => _tree.MakeDirectories(path),
            () => _tree.MakeSymlink(path, "target"),
            () => _tree.TryLink(path, _tree, "file"),
            () => _tree.Move("in/deep", _tree, path),
            () => _tree.Move(path, _tree, "moved"),
            () => _tree.TryMoveNew("in/deep", path),
            () => _tree.Unlink(path),
            () => _tree.SyncDirectory(path),
        ];

        Assert.All(
            operations,
            operation => Assert.Contains(Assert.Throws<FileSystemException>(operation).Problem, refusals));
        Assert.Equal(["x"], Fs.FindNames(_folder["outside"])!.Select(entry => entry.Name));
        Assert.Equal(["outside", "tree"], Fs.FindNames(_folder.Path)!.Select(entry => entry.Name));
        Assert.Empty(Fs.FindNames(_folder["tree/in/deep"])!);
    }

    [Fact]
    public void A_linked_file_is_one_file_under_two_names()
    {
        using var other = DirectoryTree.Create(_folder["other"]);
        using (var file = _tree.CreateFile("in/file", executable: true))
            file.WriteAt(0, "content"u8);

        Assert.True(other.TryLink("name", _tree, "in/file"));

        var status = Fs.FindStatus(_folder["other/name"])!.Value;
        Assert.Equal((2, Fs.FindStatus(_folder["tree/in/file"])!.Value.Inode), (status.Links, status.Inode));
        Assert.Throws<FileSystemException>(() => other.TryLink("name", _tree, "in/file"));
    }

    [Theory]
    [InlineData("in/nothing")]
    [InlineData("in/deep")]
    [InlineData("lnk/x")]
    [InlineData("../outside/x")]
    public void What_is_no_file_of_the_other_tree_is_not_linked(string source)
    {
        using var other = DirectoryTree.Create(_folder["other"]);

        Assert.False(other.TryLink("name", _tree, source));

        Assert.Empty(Fs.FindNames(_folder["other"])!);
    }

    [Fact]
    public void A_file_is_created_once_with_one_of_two_modes()
    {
        using var program = _tree.CreateFile("in/program", executable: true);
        using var data = _tree.CreateFile("in/deep/data", executable: false);

        Assert.Equal(0b111_101_101, program.Status.Mode);
        Assert.Equal(0b110_100_100, data.Status.Mode);
        Assert.Equal(
            FileProblem.Exists,
            Assert.Throws<FileSystemException>(() => _tree.CreateFile("in/program", false)).Problem);
    }

    [Fact]
    public void A_link_is_neither_written_through_nor_read_through()
    {
        _tree.MakeSymlink("x", "../outside/x");

        Assert.Equal(
            FileProblem.Exists, Assert.Throws<FileSystemException>(() => _tree.CreateFile("x", false)).Problem);
        Assert.Equal(FileProblem.Link, Assert.Throws<FileSystemException>(() => _tree.OpenRead("x")).Problem);
        Assert.Equal("outside", File.ReadAllText(_folder["outside/x"]));
    }

    [Fact]
    public void Only_an_ordinary_file_is_opened_as_one_and_nothing_is_waited_for()
    {
        _tree.CreateFile("in/file", executable: false).Dispose();
        Assert.Equal(0, MakeFifo(_folder["tree/in/fifo"], 0b110_000_000));

        using var file = _tree.TryOpenOrdinary("in/file");

        Assert.NotNull(file);
        Assert.Null(_tree.TryOpenOrdinary("in/fifo"));
        Assert.Null(_tree.TryOpenOrdinary("in/deep"));
        Assert.Null(_tree.TryOpenOrdinary("missing"));
        Assert.Equal(FileProblem.Link, Assert.Throws<FileSystemException>(() => _tree.TryOpenOrdinary("lnk")).Problem);
    }

    [Fact]
    public void Find_tells_files_directories_and_links_apart_and_misses_quietly()
    {
        using (var file = _tree.CreateFile("in/file", executable: false)) file.WriteAt(0, "12345"u8);

        Assert.Equal((FileKind.File, 5), (_tree.Find("in/file")!.Status.Kind, _tree.Find("in/file")!.Status.Length));
        Assert.Equal(FileKind.Directory, _tree.Find("in")!.Status.Kind);
        Assert.Equal("../outside", _tree.Find("lnk")!.LinkTarget);
        Assert.Null(_tree.Find("missing"));
        Assert.Null(_tree.Find("missing/too"));
        Assert.Null(_tree.Find("in/file/below"));
    }

    [Fact]
    public void A_tree_lists_itself_in_order_and_does_not_enter_links()
    {
        _tree.CreateFile("in/deep/ä", executable: false).Dispose();

        Assert.Equal(
            ["in", "in/deep", "in/deep/ä", "in/here", "in/up", "lnk"], _tree.List().Select(entry => entry.Path));
        Assert.Equal("..", _tree.List().Single(entry => entry.Path == "in/up").LinkTarget);
    }

    [Fact]
    public void A_name_that_is_not_UTF_8_is_named_an_error_and_can_be_removed()
    {
        var name = new byte[] { (byte)'a', 0xff, 0 };
        Assert.True(MakeRaw(name) >= 0);

        Assert.Equal("PATH_CHARS", Assert.Throws<ChunkOtaException>(() => _tree.List().Count()).Code);
        Assert.Null(TreeRemoval.Remove(_tree.Root).Describe());
    }

    [Fact]
    public void A_root_that_exists_is_not_created_and_a_link_is_not_a_root()
    {
        Fs.MakeSymlink("tree", _folder["other"]);

        Assert.Equal(
            FileProblem.Exists,
            Assert.Throws<FileSystemException>(() => DirectoryTree.Create(_folder["tree"])).Problem);
        Assert.Throws<FileSystemException>(() => DirectoryTree.Open(_folder["other"]));
        Assert.Null(DirectoryTree.TryOpen(_folder["missing"]));
    }

    [Fact]
    public void A_tree_is_private_until_it_is_opened_up()
    {
        Assert.Equal(0b111_000_000, Fs.FindStatus(_tree.Root)!.Value.Mode);

        _tree.SetPermissions(Permissions.Executable);

        Assert.Equal(0b111_101_101, Fs.FindStatus(_tree.Root)!.Value.Mode);
    }

    [Fact]
    public async Task Swapping_a_directory_for_a_link_never_leads_a_file_outside()
    {
        _tree.MakeDirectories("swap");
        Fs.MakeSymlink(_folder["outside"], _folder["evil"]);
        using var stop = new CancellationTokenSource();
        var swapping = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested) Fs.Exchange(_folder["evil"], _folder["tree/swap"]);
        });

        // At least 2,000 tries, and until both sides of the race were met, whenever the machine runs the swapping task.
        var (made, refused) = (0, 0);
        for (var i = 0; i < 2_000 || (i < 1_000_000 && (made == 0 || refused == 0)); i++)
        {
            try
            {
                _tree.CreateFile($"swap/{i}", executable: false).Dispose();
                made++;
            }
            catch (FileSystemException e) when (e.Problem is FileProblem.Link or FileProblem.NotDirectory)
            {
                refused++;
            }
        }

        await stop.CancelAsync();
        await swapping;
        Assert.NotEqual(0, made);
        Assert.NotEqual(0, refused);
        Assert.Equal(["x"], Fs.FindNames(_folder["outside"])!.Select(entry => entry.Name));
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);

    private unsafe int MakeRaw(byte[] name)
    {
        using var root = Sys.OpenDirectory(_tree.Root);
        fixed (byte* start = name)
        {
            using var made = new Microsoft.Win32.SafeHandles.SafeFileHandle(
                Libc.OpenAt(root, start, Libc.ReadWrite | Libc.CreateFlag, 0b110_000_000), ownsHandle: true);
            return made.IsInvalid ? -1 : 0;
        }
    }
}
