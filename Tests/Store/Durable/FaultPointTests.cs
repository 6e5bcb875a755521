using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Durable;

public sealed class FaultPointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_fault_strikes_the_step_it_names_and_no_other()
    {
        using var fault = FaultPoint.Arm($"at=2;op=MakeDirectory;path={_folder.Path};mode=eio");

        Fs.MakeDirectory(_folder["a"]);
        DurableFile.Create(_folder["file"]).Dispose();
        var failure = Assert.Throws<FileSystemException>(() => Fs.MakeDirectory(_folder["b"]));
        Fs.MakeDirectory(_folder["c"]);

        Assert.Equal(
            (FsOperation.MakeDirectory, FileProblem.DeviceFailed, _folder["b"]),
            (failure.Operation, failure.Problem, failure.Path));
    }

    [Fact]
    public void A_sticky_fault_strikes_all_that_follow_until_it_is_disarmed()
    {
        using (FaultPoint.Arm($"at=2;path={_folder.Path};mode=enospc;sticky"))
        {
            Fs.MakeDirectory(_folder["a"]);
            Assert.Throws<FileSystemException>(() => Fs.MakeDirectory(_folder["b"]));
            Assert.Throws<FileSystemException>(() => Fs.MakeDirectory(_folder["b"]));
        }

        Assert.True(Fs.MakeDirectory(_folder["b"]));
    }

    [Theory]
    [InlineData("eio", FileProblem.DeviceFailed)]
    [InlineData("enospc", FileProblem.Full)]
    [InlineData("edquot", FileProblem.Full)]
    [InlineData("erofs", FileProblem.NotPermitted)]
    public void A_disk_fails_in_every_way_that_the_kernel_tells_apart(string mode, FileProblem problem)
    {
        using var fault = FaultPoint.Arm($"path={_folder.Path};mode={mode}");

        Assert.Equal(problem, Assert.Throws<FileSystemException>(() => Fs.MakeDirectory(_folder["a"])).Problem);
    }

    [Fact]
    public void An_observer_sees_each_operation_before_and_after_it_and_may_cut_a_write_in_half()
    {
        var observer = new Halving(_folder.Path);
        using (FaultPoint.Arm(observer))
            AtomicFile.Replace(_folder["file"], "12345678"u8);

        Assert.Equal(["Create 0", "Write 4", "Sync 4", "Rename 4", "SyncDirectory 4"], observer.Seen);
        Assert.Equal("1234", File.ReadAllText(_folder["file"]));
    }

    [Theory]
    [InlineData("mode=explode")]
    [InlineData("at=0")]
    [InlineData("at=x")]
    [InlineData("op=Dance")]
    [InlineData("whatever")]
    public void A_schedule_that_is_not_understood_is_refused(string schedule) =>
        Assert.Throws<ArgumentException>(() => FaultPoint.Arm(schedule));

    /// <summary>Cuts writes in half, and notes the bytes that are in the folder after each operation.</summary>
    private sealed class Halving(string folder) : IDiskObserver
    {
        public List<string> Seen { get; } = [];

        public FaultMode Before(FsOperation operation, string path) =>
            path.StartsWith(folder, StringComparison.Ordinal) ? FaultMode.Half : FaultMode.None;

        public void After(FsOperation operation, string path)
        {
            if (path.StartsWith(folder, StringComparison.Ordinal))
                Seen.Add($"{operation} {new DirectoryInfo(folder).EnumerateFiles().Sum(file => file.Length)}");
        }
    }
}
