namespace ChunkOta.Durable;

/// <content>The calls of POSIX.</content>
public static partial class TreeRemoval
{
    public static partial RemovalOutcome Remove(string path)
    {
        Sys.CheckPath(path);
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var directory = Path.GetDirectoryName(full)
            ?? throw new ArgumentException("the root of all files cannot be removed", nameof(path));
        using var parent = Sys.TryOpen(directory, Libc.ReadOnly | Libc.DirectoryFlag, 0, out var error);
        if (parent is null)
        {
            return error == Errno.NoEntry
                ? new RemovalOutcome(false, [], 0)
                : throw Sys.Failure(FsOperation.Open, directory, error);
        }
        using var walk = new RemovalWalk(parent, full);
        return walk.Run(Sys.Utf8.Bytes(Path.GetFileName(full)));
    }
}
