using System.Runtime.InteropServices;
using ChunkOta.Durable;
using ChunkOta.Tests.Support;
using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Tests.Durable;

public sealed partial class FileLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A forked child holds copies of all descriptors until its exec, the lock's among them.</summary>
    [Fact]
    public void A_lock_that_was_let_go_is_free_though_a_copy_of_its_descriptor_lives_on()
    {
        var held = FileLock.Acquire(_folder["lock"]);
        var original = Directory.GetFiles("/proc/self/fd")
            .Single(link => new FileInfo(link).LinkTarget == _folder["lock"]);
        using var copy = new SafeFileHandle(
            Duplicate(int.Parse(Path.GetFileName(original), System.Globalization.CultureInfo.InvariantCulture)),
            ownsHandle: true);
        Assert.False(copy.IsInvalid);

        held.Dispose();

        FileLock.Acquire(_folder["lock"]).Dispose();
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int descriptor);
}
