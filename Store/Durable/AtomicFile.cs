namespace ChunkOta.Durable;

/// <summary>Replaces small files whole: a reader sees the old bytes or the new ones, never a mixture.</summary>
public static class AtomicFile
{
    /// <summary>Puts new content under a name. When it returns, the content survives a power cut.</summary>
    /// <remarks>
    /// Written beside the name, synced, renamed into place, and the directory synced. After a failure the old content
    /// is there, or the new one where only the last sync failed, and no temporary file is left behind.
    /// </remarks>
    /// <param name="path">The name; its directory must exist.</param>
    /// <param name="content">The whole new content.</param>
    /// <param name="permissions">The permissions of the file.</param>
    /// <exception cref="FileSystemException">The disk is full or failed.</exception>
    public static void Replace(
        string path, ReadOnlySpan<byte> content, Permissions permissions = Permissions.Private) =>
        Replace(path, permissions, content, static (file, content) => file.Append(content));

    /// <summary>As <see cref="Replace(string, ReadOnlySpan{byte}, Permissions)"/>, of content in parts that need not be
    /// joined before.</summary>
    /// <param name="path">The name; its directory must exist.</param>
    /// <param name="parts">The whole new content, in order.</param>
    /// <param name="permissions">The permissions of the file.</param>
    /// <exception cref="FileSystemException">The disk is full or failed.</exception>
    public static void Replace(string path, ReadOnlyMemory<byte>[] parts, Permissions permissions)
    {
        ArgumentNullException.ThrowIfNull(parts);
        Replace(path, permissions, parts, static (file, parts) =>
        {
            foreach (var part in parts)
                file.Append(part.Span);
        });
    }

    private static void Replace<TContent>(
        string path, Permissions permissions, TContent content, Action<TemporaryFile, TContent> write)
        where TContent : allows ref struct
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        using var file = TemporaryFile.Create(directory, Path.GetFileName(path), permissions);
        write(file, content);
        file.Sync();
        file.RenameIntoPlace(path);
        Fs.SyncDirectory(directory);
    }
}
