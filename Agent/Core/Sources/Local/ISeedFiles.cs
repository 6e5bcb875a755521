using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>The files of a seed: of a directory tree, or the one image of a slot.</summary>
internal interface ISeedFiles : IDisposable
{
    /// <summary>The directory tree that its files can be linked from; null when there is none.</summary>
    DirectoryTree? Tree { get; }

    /// <summary>Lists the paths of all ordinary files.</summary>
    IEnumerable<string> ListPaths();

    /// <summary>Opens a file for reading; null when it is not there, or cannot be opened.</summary>
    /// <param name="path">Its path.</param>
    DurableFile? TryOpen(string path);
}

/// <summary>The files of a directory tree.</summary>
/// <param name="tree">The tree; from now on this object's to dispose of.</param>
internal sealed class TreeSeedFiles(DirectoryTree tree) : ISeedFiles
{
    /// <inheritdoc/>
    public DirectoryTree Tree => tree;

    /// <inheritdoc/>
    public IEnumerable<string> ListPaths()
    {
        List<string> paths = [];
        try
        {
            paths.AddRange(tree.List().Where(found => found.Status.Kind == FileKind.File).Select(found => found.Path));
        }
        catch (ChunkOtaException)
        {
            // Somebody has put something in that is not text or not this user's: what was listed so far is a source.
            return paths;
        }
        return paths;
    }

    /// <inheritdoc/>
    public DurableFile? TryOpen(string path) => TreeFiles.TryOpenFile(tree, path);

    /// <inheritdoc/>
    public void Dispose() => tree.Dispose();
}
