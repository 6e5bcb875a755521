using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <content>What is mounted into a tree.</content>
public sealed unsafe partial class DirectoryTree
{
    public partial bool IsMounted(string path)
    {
        using var place = OpenPlace(path, FsOperation.Inspect);
        return MountOf(place, Full(path)) != MountOf(_directory, Root);
    }

    private static (ulong Device, ulong Mount) MountOf(SafeFileHandle directory, string path)
    {
        Libc.StatusBuffer status;
        byte empty = 0;
        Sys.Check(
            Libc.Inspect(directory, &empty, Libc.EmptyPath, Libc.StatusMask, &status), FsOperation.Inspect, path);
        return (((ulong)status.DeviceMajor << 32) | status.DeviceMinor, MountId.Of(status, directory));
    }
}
