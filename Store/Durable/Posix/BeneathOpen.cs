using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <summary>The system call that opens a path beneath a directory.</summary>
internal enum BeneathWay
{
    /// <summary>One call of openat2 for the whole path: Linux 5.6 or later.</summary>
    OpenAt2,

    /// <summary>One call of openat for each component, relative to the directory before it.</summary>
    OpenAt,
}

/// <summary>Opens paths beneath a directory, through directories only.</summary>
/// <remarks>Both ways refuse the same paths with the same errors: <see cref="Errno.CrossDevice"/> for a path that is
/// absolute or not normalized, <see cref="Errno.Loop"/> for a symbolic link among its directories.</remarks>
internal static unsafe class BeneathOpen
{
    private const int MaxRaces = 1000;

    /// <summary>The way that this kernel allows; probed once.</summary>
    internal static BeneathWay Available { get; } = HasOpenAt2() ? BeneathWay.OpenAt2 : BeneathWay.OpenAt;

    /// <summary>Opens a path of names joined by <c>/</c>, or <c>.</c> for the directory itself.</summary>
    /// <returns>Null, with the reason, when it fails.</returns>
    internal static SafeFileHandle? TryOpen(
        BeneathWay way, SafeFileHandle directory, string path, int flags, uint mode, out Errno error)
    {
        Sys.CheckPath(path);
        if (!IsNormalized(path))
        {
            error = Errno.CrossDevice;
            return null;
        }
        flags |= Libc.CloseOnExec | Libc.NoFollow;
        return way == BeneathWay.OpenAt2
            ? TryOpenWhole(directory, path, flags, mode, out error)
            : TryOpenByComponent(directory, path, flags, mode, out error);
    }

    /// <summary>Calls openat2 with a struct open_how of length zero: every kernel that has the call refuses that with
    /// EINVAL, before it looks at anything else.</summary>
    /// <remarks>An older kernel answers ENOSYS, and some sandboxes answer EPERM. An EPERM of a later call is about the
    /// file, and must not change the way.</remarks>
    private static bool HasOpenAt2()
    {
        using var none = new SafeFileHandle(-1, ownsHandle: false);
        return Sys.LastError(Libc.OpenAt2(Libc.OpenAt2Number, none, "", null, 0)) == Errno.Invalid;
    }

    private static bool IsNormalized(string path)
    {
        if (path == ".")
            return true;
        foreach (var name in path.AsSpan().Split('/'))
        {
            if (path.AsSpan(name) is "" or "." or "..")
                return false;
        }
        return true;
    }

    private static SafeFileHandle? TryOpenWhole(
        SafeFileHandle directory, string path, int flags, uint mode, out Errno error)
    {
        var how = new Libc.OpenHow
        {
            Flags = (ulong)(uint)flags,
            Mode = (flags & Libc.CreateFlag) == 0 ? 0 : mode,
            Resolve = Libc.ResolveStrictly,
        };
        nint descriptor;
        var races = 0;
        do
        {
            descriptor = Libc.OpenAt2(Libc.OpenAt2Number, directory, path, &how, (nuint)sizeof(Libc.OpenHow));
            error = Sys.LastError(descriptor);
            // EAGAIN: a rename elsewhere raced with the resolution; the kernel asks to be asked again. Or another
            // process has a lease on the file, perhaps for long.
        }
        while (error == Errno.Interrupted || (error == Errno.Again && ++races < MaxRaces));
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static SafeFileHandle? TryOpenByComponent(
        SafeFileHandle directory, string path, int flags, uint mode, out Errno error)
    {
        const int Through = Libc.PathOnly | Libc.CloseOnExec;
        SafeFileHandle? parent = null;
        try
        {
            var start = 0;
            for (int slash; (slash = path.IndexOf('/', start)) >= 0; start = slash + 1)
            {
                var name = path[start..slash];
                var above = parent ?? directory;
                var next = TryOpenName(above, name, Through | Libc.DirectoryFlag | Libc.NoFollow, 0, out error);
                if (next is null)
                {
                    // openat reports a link like any other name that is not a directory; openat2 tells them apart.
                    if (error == Errno.NotDirectory && IsLink(above, name))
                        error = Errno.Loop;
                    return null;
                }
                parent?.Dispose();
                parent = next;
            }
            return TryOpenName(parent ?? directory, path[start..], flags, mode, out error);
        }
        finally
        {
            parent?.Dispose();
        }
    }

    private static SafeFileHandle? TryOpenName(
        SafeFileHandle directory, string name, int flags, uint mode, out Errno error)
    {
        int descriptor;
        do
        {
            descriptor = Libc.OpenAt(directory, name, flags, mode);
            error = Sys.LastError(descriptor);
        }
        while (error == Errno.Interrupted);
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static bool IsLink(SafeFileHandle directory, string name)
    {
        Libc.StatusBuffer status;
        fixed (byte* start = Sys.Utf8.Bytes(name))
        {
            return Libc.Inspect(directory, start, Libc.SymlinkNoFollow, 0x7ff, &status) == 0
                && Sys.StatusOf(status).Kind == FileKind.SymbolicLink;
        }
    }
}
