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
    [InlineData("mode=explode")]
    [InlineData("at=0")]
    [InlineData("at=x")]
    [InlineData("op=Dance")]
    [InlineData("whatever")]
    public void A_schedule_that_is_not_understood_is_refused(string schedule) =>
        Assert.Throws<ArgumentException>(() => FaultPoint.Arm(schedule));
}
