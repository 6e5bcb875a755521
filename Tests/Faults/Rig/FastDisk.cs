using ChunkOta.Tests.Faults.Rig;
using ChunkOta.Tests.Support;

[assembly: AssemblyFixture(typeof(FastDisk))]

namespace ChunkOta.Tests.Faults.Rig;

/// <summary>A file system in memory for all tests: fast, and without an inode number used twice.</summary>
public sealed class FastDisk : IAsyncLifetime
{
    private const int Megabytes = 4096;

    private readonly TemporaryFolder _folder = new();
    private SmallDisk _disk = null!;
    private int _worlds;

    /// <summary>A name for a new folder.</summary>
    public string NewFolder() => Path.Combine(_disk.Path, $"world-{Interlocked.Increment(ref _worlds)}");

    public async ValueTask InitializeAsync() => _disk = await SmallDisk.MountAsync(_folder["disk"], Megabytes);

    public async ValueTask DisposeAsync()
    {
        await _disk.DisposeAsync();
        _folder.Dispose();
    }
}
