using System.Text;

namespace ChunkOta.Durable;

/// <summary>A file, directory or link of a tree.</summary>
/// <param name="Path">From the tree's root, components joined by <c>/</c>.</param>
/// <param name="Status">Its kind, length and permissions.</param>
/// <param name="LinkTarget">For a symbolic link, its target, verbatim.</param>
public sealed record TreeEntry(string Path, FileStatus Status, string? LinkTarget);

/// <summary>A directory whose inside is reached from its descriptor alone: no path leaves it and no link is
/// followed.</summary>
/// <remarks>
/// This holds against a hostile manifest and against an attacker who swaps a directory for a link meanwhile: such a
/// path fails with <see cref="FileProblem.Link"/> or <see cref="FileProblem.Outside"/>. Paths are relative, without
/// empty components, <c>.</c> and <c>..</c>. Any number of threads may work in a tree.
/// </remarks>
public sealed partial class DirectoryTree : IDisposable
{
    /// <summary>The path it was opened by, for messages.</summary>
    public string Root { get; }

    /// <summary>Makes the directory, which must not exist yet, and opens it.</summary>
    /// <param name="root">Its path; the parent must exist.</param>
    /// <param name="permissions">For the owner alone until <see cref="SetPermissions(Permissions)"/> opens it
    /// up.</param>
    /// <exception cref="FileSystemException"><see cref="FileProblem.Exists"/> when the name is taken.</exception>
    public static partial DirectoryTree Create(string root, Permissions permissions = Permissions.PrivateDirectory);

    /// <summary>Opens an existing directory that is not a link.</summary>
    public static partial DirectoryTree Open(string root);

    /// <summary>As <see cref="Open(string)"/>; null when nothing has the name.</summary>
    public static partial DirectoryTree? TryOpen(string root);

    /// <summary>Creates a file that must not exist yet, ordinary or executable, open for writing and reading.</summary>
    public partial DurableFile CreateFile(string path, bool executable);

    /// <summary>Opens a file for reading.</summary>
    public partial DurableFile OpenRead(string path);

    /// <summary>As <see cref="OpenRead"/>; null when nothing has the name.</summary>
    public partial DurableFile? TryOpenRead(string path);

    /// <summary>Opens an ordinary file for reading; null when the name is free or of something else.</summary>
    /// <remarks>It never waits, as opening a FIFO without a writer would.</remarks>
    public partial DurableFile? TryOpenOrdinary(string path);

    /// <summary>Opens an existing file for reading and writing, such as one that an interrupted run left.</summary>
    /// <returns>Null when nothing has the name.</returns>
    public partial DurableFile? TryOpenWrite(string path);

    /// <summary>Makes a directory and those above it in the tree that are missing, readable by everybody.</summary>
    public partial void MakeDirectories(string path);

    /// <summary>Makes a symbolic link; the target is stored verbatim and never followed by this class.</summary>
    public partial void MakeSymlink(string path, string target);

    /// <summary>Gives a file of another tree one more name in this one (a hard link): what is written through
    /// either name changes both.</summary>
    /// <param name="path">The new name; it must not be taken.</param>
    /// <param name="source">The other tree.</param>
    /// <param name="sourcePath">The file's name there.</param>
    /// <returns>False when the file system or the file's owner does not allow it, or nothing has that name.</returns>
    public partial bool TryLink(string path, DirectoryTree source, string sourcePath);

    /// <summary>Moves a name into another tree of the same file system, atomically replacing a file or link that has
    /// the new name there.</summary>
    /// <param name="path">The name in this tree.</param>
    /// <param name="destination">The other tree, or this one.</param>
    /// <param name="destinationPath">The new name; its directory must exist.</param>
    public partial void Move(string path, DirectoryTree destination, string destinationPath);

    /// <summary>Gives a name in this tree another one, unless that is taken.</summary>
    /// <returns>False when it is taken: nothing has changed.</returns>
    public partial bool TryMoveNew(string path, string newPath);

    /// <summary>Removes a file or link.</summary>
    /// <returns>False when there was none.</returns>
    public partial bool Unlink(string path);

    /// <summary>The entry of a name; null when nothing has it.</summary>
    public partial TreeEntry? Find(string path);

    /// <summary>The entries of many names, in the order given; null for one that nothing has, or whose path leads
    /// through anything but directories.</summary>
    /// <remarks>A directory is opened once for all names in it that follow each other.</remarks>
    /// <typeparam name="T">The kind of item that has a path.</typeparam>
    /// <param name="items">The items.</param>
    /// <param name="pathOf">Returns the path of an item.</param>
    public partial IEnumerable<(T Item, TreeEntry? Found)> FindEach<T>(IEnumerable<T> items, Func<T, string> pathOf);

    /// <summary>Everything in the tree, each directory before what is in it, names sorted by their bytes.</summary>
    /// <param name="skips">Asked once about each entry: one that it skips is not listed, and a directory not
    /// opened; null to skip nothing.</param>
    /// <exception cref="ChunkOtaException"><c>PATH_CHARS</c> when a name is not UTF-8.</exception>
    public partial IEnumerable<TreeEntry> List(Func<TreeEntry, bool>? skips = null);

    /// <summary>Sets the permissions of the tree's root.</summary>
    public partial void SetPermissions(Permissions permissions);

    /// <summary>Sets the permissions of a directory in the tree, also of one that this process must not look
    /// into.</summary>
    public partial void SetPermissions(string path, Permissions permissions);

    /// <summary>Tells whether a directory in the tree is that of another file system, or of another place of this one,
    /// which is mounted there.</summary>
    public partial bool IsMounted(string path);

    /// <summary>Makes the names in a directory of the tree survive a power cut; the root's by default.</summary>
    public partial void SyncDirectory(string path = "");

    /// <summary>Makes the whole tree, and all else on its file system, survive a power cut.</summary>
    public partial void SyncFileSystem();

    /// <summary>Closes the descriptor; the tree stays.</summary>
    public void Dispose() => _directory.Dispose();

    /// <summary>Makes a directory whose parent exists, readable by everybody; an existing one stays.</summary>
    public partial void MakeDirectory(string path);

    private string Full(string path) => new StringBuilder(Root).Append('/').Append(path).ToString();
}
