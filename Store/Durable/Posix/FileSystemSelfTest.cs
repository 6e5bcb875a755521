using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ChunkOta.Chunking;

namespace ChunkOta.Durable;

/// <summary>Checks the system calls of this binary on this system.</summary>
public static class FileSystemSelfTest
{
    /// <summary>Lists the checks; some make files in the folder for temporary files, and remove them.</summary>
    public static IEnumerable<SelfCheck> Checks()
    {
        yield return new SelfCheck("DUR-00 syncfs(-1) says EBADF", SyncNothing);
        foreach (var way in Enum.GetValues<BeneathWay>())
        {
            var isInUse = way == BeneathOpen.Available;
            if (isInUse || way == BeneathWay.OpenAt)
            {
                yield return new SelfCheck(
                    $"paths stay inside by {way}{(isInUse ? " (in use)" : "")}", () => Escape(way));
            }
        }
    }

    /// <summary>Makes a check in a new folder that is removed afterwards.</summary>
    /// <param name="check">Gets the folder's path; returns the problem, or null.</param>
    public static string? InTemporaryFolder(Func<string, string?> check)
    {
        ArgumentNullException.ThrowIfNull(check);
        var folder = Path.Combine(
            Path.GetTempPath(), $"chunkota-selftest-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");
        Fs.MakeDirectories(folder);
        try
        {
            return check(folder);
        }
        finally
        {
            _ = TreeRemoval.Remove(folder);
        }
    }

    /// <summary>Tests that a failing call says why: with a second C library in the process, errno reads 0.</summary>
    private static string? SyncNothing()
    {
        var result = Libc.SyncFileSystem(-1);
        var error = (Errno)Marshal.GetLastPInvokeError();
        return result == -1 && error == Errno.BadDescriptor ? null : $"answered {result}, {error}";
    }

    private static string? Escape(BeneathWay way) => InTemporaryFolder(folder =>
    {
        Fs.MakeDirectory(Path.Combine(folder, "outside"));
        var root = Path.Combine(folder, "tree");
        Fs.MakeDirectory(root);
        using var tree = DirectoryTree.Open(root, way);
        tree.MakeDirectories("inside");
        tree.MakeSymlink("link", "../outside");
        tree.MakeSymlink("inside/up", "..");
        foreach (var path in (ReadOnlySpan<string>)["link/x", "inside/up/y", "../z", "/tmp/zz"])
        {
            try
            {
                tree.CreateFile(path, executable: false).Dispose();
                return $"{path} was created";
            }
            catch (FileSystemException e) when (e.Problem is FileProblem.Link or FileProblem.Outside)
            {
                continue;
            }
        }
        tree.CreateFile("inside/file", executable: true).Dispose();
        return null;
    });
}
