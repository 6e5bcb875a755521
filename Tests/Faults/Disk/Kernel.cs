using System.Runtime.InteropServices;

namespace ChunkOta.Tests.Faults.Disk;

/// <summary>The calls of Linux that the tests make themselves, beside those of the product.</summary>
internal static partial class Kernel
{
    /// <summary>FS_IOC_SHUTDOWN, _IOR('X', 125, u32).</summary>
    private const nuint ShutDownRequest = 0x8004587D;

    private const int DirectoryFlag = 0x10000;
    private const nuint RemountFlag = 32;

    /// <summary>Gives a file one more name.</summary>
    public static void Link(string from, string to) => Check(LinkCall(from, to), $"link {from} {to}");

    public static void Mount(string device, string path, string type, string options) =>
        Check(MountCall(device, path, type, 0, options), $"mount -t {type} -o {options} {device} {path}");

    /// <summary>Changes the options of a file system in memory; false when it holds too much for them.</summary>
    public static bool TryRemount(string path, string options) =>
        MountCall("chunkota-test", path, "tmpfs", RemountFlag, options) >= 0;

    /// <summary>Unmounts at once; false when something on it is open.</summary>
    public static bool TryUnmount(string path)
    {
        const int Busy = 16;
        var result = UnmountCall(path, 0);
        if (result < 0 && Marshal.GetLastPInvokeError() == Busy)
            return false;
        Check(result, $"umount {path}");
        return true;
    }

    /// <summary>Makes a file system forget what is not on its device yet, as a power cut does.</summary>
    /// <param name="folder">A directory on it.</param>
    /// <param name="flag">1: the journal is written first, the data not; 2: nothing is written any more.</param>
    public static unsafe void ShutDown(string folder, uint flag)
    {
        var directory = OpenCall(folder, DirectoryFlag);
        Check(directory, $"open {folder}");
        var result = ControlCall(directory, ShutDownRequest, &flag);
        var error = Marshal.GetLastPInvokeError();
        _ = CloseCall(directory);
        Marshal.SetLastPInvokeError(error);
        Check(result, $"FS_IOC_SHUTDOWN of {folder}");
    }

    /// <summary>Writes all that is unwritten of the file system of a folder.</summary>
    public static void SyncFileSystem(string folder)
    {
        var directory = OpenCall(folder, DirectoryFlag);
        Check(directory, $"open {folder}");
        var result = SyncFileSystemCall(directory);
        _ = CloseCall(directory);
        Check(result, $"syncfs {folder}");
    }

    private static void Check(int result, string what)
    {
        if (result < 0)
            throw new InvalidOperationException($"{what}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkCall(string from, string to);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MountCall(string device, string path, string type, nuint flags, string options);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnmountCall(string path, int flags);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenCall(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseCall(int descriptor);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFileSystemCall(int descriptor);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static unsafe partial int ControlCall(int descriptor, nuint request, uint* flag);
}
