using System.Runtime.InteropServices;

namespace ChunkOta.Durable;

/// <summary>The calls by which the first process of a machine brings it up: modules, mounts, and the change to the
/// root file system that the machine goes on with.</summary>
public static unsafe partial class FirstProcess
{
    private const nuint ReadOnlyMount = 1;
    private const nuint MoveMount = 8192;

    private static nint LoadModuleNumber => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 273 : 313;

    /// <summary>Mounts a file system on a directory.</summary>
    /// <param name="source">The device, or any word for file systems without one.</param>
    /// <param name="target">The directory.</param>
    /// <param name="type">The type of the file system.</param>
    /// <param name="isReadOnly">Nothing can be written to it.</param>
    /// <exception cref="FileSystemException">It cannot be mounted.</exception>
    public static void Mount(string source, string target, string type, bool isReadOnly) =>
        Check(MountAt(source, target, type, isReadOnly ? ReadOnlyMount : 0, null), FsOperation.Open, source);

    /// <summary>Gives a mounted file system another directory.</summary>
    /// <param name="from">The directory that it is mounted on.</param>
    /// <param name="to">The other directory.</param>
    public static void Move(string from, string to) =>
        Check(MountAt(from, to, null, MoveMount, null), FsOperation.Rename, to);

    /// <summary>Ends a mount; nothing may use it.</summary>
    /// <param name="target">The directory.</param>
    public static void Unmount(string target) => Check(UnmountAt(target, 0), FsOperation.Unlink, target);

    /// <summary>Loads a module of the kernel; one that is loaded already stays.</summary>
    /// <param name="path">The module's file, not compressed.</param>
    public static void LoadModule(string path)
    {
        using var file = Sys.Open(path, Libc.ReadOnly);
        var error = Sys.LastError(LoadModuleAt(LoadModuleNumber, (int)file.DangerousGetHandle(), "", 0));
        if (error is not (Errno.None or Errno.Exists))
            throw Sys.Failure(FsOperation.Open, path, error);
    }

    /// <summary>Makes a mounted file system the root, and runs a program of it in place of this one: it does not
    /// return.</summary>
    /// <param name="root">The directory that it is mounted on.</param>
    /// <param name="command">The program's path in it, and its arguments.</param>
    /// <exception cref="ChunkOtaException">A step failed; after the move of the root, for good.</exception>
    public static void SwitchRoot(string root, IReadOnlyList<string> command)
    {
        ArgumentNullException.ThrowIfNull(command);
        Check(ChangeDirectory(root), FsOperation.Open, root);
        Check(MountAt(".", "/", null, MoveMount, null), FsOperation.Rename, root);
        Check(ChangeRoot("."), FsOperation.Open, root);
        Check(ChangeDirectory("/"), FsOperation.Open, root);
        ProgramLaunch.Replace(new LaunchOrder(
            command[0], command, ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=linux"]));
    }

    private static void Check(nint result, FsOperation operation, string path) => Sys.Check(result, operation, path);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MountAt(string source, string target, string? type, nuint flags, byte* data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnmountAt(string target, int flags);

    [LibraryImport("libc", EntryPoint = "chdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeDirectory(string path);

    [LibraryImport("libc", EntryPoint = "chroot", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeRoot(string path);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint LoadModuleAt(nint number, int file, string parameters, int flags);
}
