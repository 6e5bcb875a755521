using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Durable.Removal;

public sealed class TreeRemovalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TreeRemovalTests() => Fs.MakeDirectory(_folder["tree"]);

    private string Tree => _folder["tree"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_tree_goes_with_everything_in_it_and_what_its_links_point_to_stays()
    {
        Write("keep/file", "kept");
        Write("tree/a/b/file", "");
        Fs.MakeSymlink(_folder["keep"], _folder["tree/a/link"]);
        Fs.MakeSymlink("../../keep/file", _folder["tree/a/file-link"]);

        Assert.Null(TreeRemoval.Remove(Tree).Describe());

        Assert.Null(Fs.FindStatus(Tree));
        Assert.Equal("kept", File.ReadAllText(_folder["keep/file"]));
        Assert.False(TreeRemoval.Remove(Tree).WasThere);
        Assert.False(TreeRemoval.Remove(_folder["not/there"]).WasThere);
    }

    [Fact]
    public void A_link_or_a_file_in_the_place_of_the_tree_is_refused_and_stays()
    {
        Fs.MakeSymlink("tree", _folder["link"]);
        Write("file", "kept");

        foreach (var name in new[] { "link", "file" })
        {
            Assert.Equal(
                FileProblem.NotDirectory,
                Assert.Throws<FileSystemException>(() => TreeRemoval.Remove(_folder[name])).Problem);
            Assert.NotNull(Fs.FindStatus(_folder[name]));
        }
        Assert.NotNull(Fs.FindStatus(Tree));
    }

    [Fact]
    public async Task Mounts_survive_with_what_is_in_them_and_the_rest_goes()
    {
        Write("data/customers", "precious");
        Write("config", "mine");
        Write("tree/data/README", "");
        Write("tree/sub/deep/other", "");
        Write("tree/sub/config", "theirs");
        Fs.MakeDirectory(_folder["tree/sub/tmp"]);
        await using (await SmallDisk.BindAsync(_folder["data"], _folder["tree/data"]))
        await using (await SmallDisk.BindAsync(_folder["config"], _folder["tree/sub/config"]))
        await using (await SmallDisk.MountAsync(_folder["tree/sub/tmp"], megabytes: 1))
        {
            Write("tree/sub/tmp/file", "on another file system");

            var outcome = TreeRemoval.Remove(Tree);

            Assert.Equal(
                [_folder["tree/data"], _folder["tree/sub/config"], _folder["tree/sub/tmp"]],
                outcome.Left.Select(left => left.Path));
            Assert.All(outcome.Left, left => Assert.Equal(RemovalObstacle.Mount, left.Obstacle));
            Assert.Equal(3, outcome.LeftCount);
            Assert.Equal($"{_folder["tree/data"]} is a mount point, and 2 more", outcome.Describe());
            Assert.Equal("precious", File.ReadAllText(_folder["tree/data/customers"]));
            Assert.Equal("mine", File.ReadAllText(_folder["tree/sub/config"]));
            Assert.Equal("on another file system", File.ReadAllText(_folder["tree/sub/tmp/file"]));
            Assert.Null(Fs.FindStatus(_folder["tree/sub/deep"]));
        }

        Assert.Null(TreeRemoval.Remove(Tree).Describe());
        Assert.Null(Fs.FindStatus(Tree));
        Assert.Equal("precious", File.ReadAllText(_folder["data/customers"]));
        Assert.Equal("mine", File.ReadAllText(_folder["config"]));
    }

    [Fact]
    public async Task A_tree_that_is_a_mount_point_itself_stays_as_it_is()
    {
        Write("data/file", "precious");
        await using var mount = await SmallDisk.BindAsync(_folder["data"], Tree);

        var left = Assert.Single(TreeRemoval.Remove(Tree).Left);

        Assert.Equal(new LeftBehind(Tree, RemovalObstacle.Mount), left);
        Assert.Equal("precious", File.ReadAllText(_folder["data/file"]));
    }

    [Fact]
    public void The_two_ways_to_tell_a_mount_agree()
    {
        using var directory = Sys.OpenDirectory(Tree);
        Libc.StatusBuffer status;
        unsafe
        {
            byte empty = 0;
            Assert.Equal(0, Libc.Inspect(directory, &empty, Libc.EmptyPath, Libc.StatusMask, &status));
        }

        Assert.NotEqual(0ul, MountId.Of(status, directory));
        Assert.Equal(MountId.Of(status, directory), MountId.FromProc(directory));
    }

    [FactIfInstalled("chattr")]
    public async Task Immutable_files_stay_until_they_are_not()
    {
        Write("tree/a/locked", "");
        Write("tree/a/free", "");
        await ChangeAsync("+i", "tree/a/locked");

        var left = Assert.Single(TreeRemoval.Remove(Tree).Left);

        Assert.Equal(new LeftBehind(_folder["tree/a/locked"], RemovalObstacle.Protected), left);
        Assert.Null(Fs.FindStatus(_folder["tree/a/free"]));
        await ChangeAsync("-i", "tree/a/locked");
        Assert.Null(TreeRemoval.Remove(Tree).Describe());
    }

    [FactIfInstalled("chattr")]
    public async Task A_directory_to_which_only_can_be_added_keeps_what_is_in_it()
    {
        Write("tree/log/old", "");
        await ChangeAsync("+a", "tree/log");

        var outcome = TreeRemoval.Remove(Tree);
        await ChangeAsync("-a", "tree/log");

        Assert.Equal(
            [new LeftBehind(_folder["tree/log/old"], RemovalObstacle.Protected)], outcome.Left);
        Assert.Null(TreeRemoval.Remove(Tree).Describe());
    }

    [Fact]
    public void Read_only_directories_of_its_own_go_and_those_that_stay_get_their_mode_back()
    {
        Write("tree/mine/a/file", "");
        Write("tree/mine/kept/theirs/file", "");
        foreach (var name in (string[])["", "tree", "tree/mine", "tree/mine/a", "tree/mine/a/file", "tree/mine/kept"])
            OtherUser.GiveToNobody(_folder[name]);
        File.SetUnixFileMode(_folder["tree/mine/a"], (UnixFileMode)0);
        File.SetUnixFileMode(_folder["tree/mine/kept"], (UnixFileMode)0b101_101_101);
        RemovalOutcome? outcome = null;

        OtherUser.AsNobody(() => outcome = TreeRemoval.Remove(Tree));

        Assert.Equal([(_folder["tree/mine/kept/theirs/file"], RemovalObstacle.NotPermitted)],
            outcome!.Left.Select(left => (left.Path, left.Obstacle)));
        Assert.Null(Fs.FindStatus(_folder["tree/mine/a"]));
        Assert.Equal((UnixFileMode)0b101_101_101, File.GetUnixFileMode(_folder["tree/mine/kept"]));
    }

    [Fact]
    public void A_tree_deeper_than_any_path_and_any_stack_goes()
    {
        const int Depth = 20_000;
        var name = Sys.Utf8.Bytes("d");
        var here = Sys.OpenDirectory(Tree);
        for (var i = 0; i < Depth; i++)
        {
            Assert.Equal(0, Libc.MakeDirectoryAt(here, "d", 0b111_000_000));
            var inner = DirectoryReader.OpenChild(here, new DirectoryName(name, FileKind.Directory), Tree);
            here.Dispose();
            here = inner;
        }
        here.Dispose();

        Assert.Null(TreeRemoval.Remove(Tree).Describe());
    }

    [Fact]
    public void A_removal_that_ended_half_way_is_finished_by_the_next()
    {
        for (var i = 0; i < 5; i++) Write($"tree/{i}/file", "");
        using (FaultPoint.Arm($"mode=eio;at=4;path={Tree}"))
            Assert.Throws<FileSystemException>(() => TreeRemoval.Remove(Tree));

        Assert.NotNull(Fs.FindStatus(Tree));
        Assert.Null(TreeRemoval.Remove(Tree).Describe());
    }

    [Fact]
    public async Task A_directory_that_is_swapped_for_a_link_meanwhile_leads_nowhere()
    {
        Write("keep/file", "kept");
        for (var i = 0; i < 50; i++)
        {
            Write("tree/a/b", "");
            using var stop = new CancellationTokenSource();
            var swap = Task.Run(() =>
            {
                while (!stop.IsCancellationRequested)
                {
                    try
                    {
                        Fs.MakeSymlink("../keep", _folder["tree/a"]);
                        Fs.Unlink(_folder["tree/a"]);
                        Fs.MakeDirectory(_folder["tree/a"]);
                    }
                    catch (FileSystemException)
                    {
                        // The removal was faster.
                    }
                }
            });
            try
            {
                TreeRemoval.Remove(Tree);
            }
            catch (FileSystemException)
            {
                // A name was another thing when its turn came.
            }
            await stop.CancelAsync();
            await swap;
            Assert.Equal("kept", File.ReadAllText(_folder["keep/file"]));
        }
    }

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllText(_folder[name], text);
    }

    private async Task ChangeAsync(string attribute, string name)
    {
        using var process = System.Diagnostics.Process.Start("chattr", [attribute, _folder[name]]);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
