using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Opens trees and files that may be anything: others could reach them, or a crash left them.</summary>
internal static class TreeFiles
{
    /// <summary>Opens a tree; null when nothing has the name, when something other than a directory has it (also a link
    /// to one), and when this user must not read it.</summary>
    /// <param name="path">Its path.</param>
    public static DirectoryTree? TryOpenTree(string path)
    {
        try
        {
            return Fs.FindStatus(path) is { Kind: FileKind.Directory } ? DirectoryTree.TryOpen(path) : null;
        }
        catch (FileSystemException e) when (e.Problem == FileProblem.NotPermitted)
        {
            return null;
        }
    }

    /// <summary>Opens an ordinary file for reading; null for anything else, or if it cannot be opened.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="path">The path in it.</param>
    public static DurableFile? TryOpenFile(DirectoryTree tree, string path)
    {
        try
        {
            return tree.TryOpenOrdinary(path);
        }
        catch (FileSystemException)
        {
            // A path through a link, or a file that this user must not read: not a source of anything.
            return null;
        }
    }
}
