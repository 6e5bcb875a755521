namespace ChunkOta.Durable;

/// <summary>Changes and reads names on disk; server and agent change names only through this class.</summary>
/// <remarks>
/// A changed name survives a power cut after <see cref="SyncDirectory"/> of its directory. No operation follows a
/// symbolic link in the last component. All throw <see cref="FileSystemException"/>. Each operating system has its
/// own part of this class in a folder of its own.
/// </remarks>
public static partial class Fs
{
    /// <summary>Makes a directory whose parent exists, with exactly these permissions.</summary>
    /// <returns>False when it was a directory already; its permissions stay.</returns>
    public static partial bool MakeDirectory(string path, Permissions permissions = Permissions.PrivateDirectory);

    /// <summary>Makes a directory and those above it that are missing, each durably named in its parent.</summary>
    public static void MakeDirectories(string path, Permissions permissions = Permissions.PrivateDirectory)
    {
        var found = FindStatus(path);
        if (found is { Kind: FileKind.Directory })
            return;
        if (found is { Kind: FileKind.SymbolicLink })
        {
            throw new FileSystemException(
                FsOperation.MakeDirectory, path, FileProblem.Link,
                "it is a link that does not lead to a folder: remove it, or make the folder that it names");
        }
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        // A parent may be reached through a link of the operator's (/var/lib -> elsewhere): only the last is ours.
        if (parent is not null && !Directory.Exists(parent))
            MakeDirectories(parent, permissions);
        if (MakeDirectory(path, permissions) && parent is not null)
            SyncDirectory(Resolve(parent));
    }

    /// <summary>Returns the absolute path of a name without symbolic links, as far as it exists.</summary>
    /// <remarks>A home or data folder may be reached through a link of its operator; below it, no link is
    /// followed.</remarks>
    public static partial string Resolve(string path);

    /// <summary>Moves a name within a file system, atomically replacing whatever has the new one.</summary>
    public static partial void Rename(string from, string to);

    /// <summary>As <see cref="Rename"/>, refusing when the new name is taken.</summary>
    /// <returns>False when it is taken: nothing has changed.</returns>
    public static partial bool TryRenameNew(string from, string to);

    /// <summary>Exchanges two existing names in one step.</summary>
    public static partial void Exchange(string one, string other);

    /// <summary>Makes a symbolic link; the target is stored verbatim.</summary>
    /// <exception cref="FileSystemException"><see cref="FileProblem.Exists"/> when the name is taken.</exception>
    public static partial void MakeSymlink(string target, string path);

    /// <summary>The target of a symbolic link, verbatim; null when the name is free or of something else.</summary>
    public static partial string? FindLinkTarget(string path);

    /// <summary>Removes a file's or link's name.</summary>
    /// <returns>False when there was none.</returns>
    public static partial bool Unlink(string path);

    /// <summary>Makes the names in a directory survive a power cut.</summary>
    public static partial void SyncDirectory(string path);

    /// <summary>The status of a name, without following it; null when nothing has it.</summary>
    public static partial FileStatus? FindStatus(string path);

    /// <summary>Bytes that an ordinary user may still write to the file system that holds a path.</summary>
    public static partial long FreeBytes(string path);

    /// <summary>Files that an ordinary user may still create on the file system that holds a path; null where it has no
    /// limit of its own.</summary>
    public static partial long? FindFreeInodes(string path);

    /// <summary>Checks that this process can write a file, or create files in a directory.</summary>
    /// <exception cref="FileSystemException">It cannot.</exception>
    public static partial void CheckWritable(string path);

    /// <summary>Tests if files on the file system of a directory can share blocks
    /// (<see cref="DurableFile.TryClone"/>), with two files that have no name and are gone when this returns.</summary>
    /// <returns>False also where it cannot be tested.</returns>
    public static partial bool CanClone(string directory);

    /// <summary>The names in a directory, sorted by their bytes, with what each is; null when there is no such
    /// directory.</summary>
    public static partial IReadOnlyList<(string Name, FileKind Kind)>? FindNames(string path);
}
