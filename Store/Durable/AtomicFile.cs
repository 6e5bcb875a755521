using System.Buffers;

namespace ChunkOta.Durable;

/// <summary>Small files that are replaced whole: a reader sees the old bytes or the new ones, never a
/// mixture.</summary>
public static class AtomicFile
{
    private const int CopyBytes = 128 * 1024;

    private static long Counter;

    /// <summary>Puts new content under a name. When it returns, the content survives a power cut.</summary>
    /// <remarks>
    /// Written beside the name, synced, renamed over it, and the directory synced. After a failure the old content, or
    /// the new one where only the last sync failed, is there, and no file is left behind.
    /// </remarks>
    /// <param name="path">The name; its directory must exist.</param>
    /// <param name="content">The whole new content.</param>
    /// <param name="mode">The permission bits of the file.</param>
    /// <exception cref="FileSystemException">The disk is full or failed.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content, UnixMode mode = UnixMode.Private)
    {
        var directory = DirectoryOf(path);
        Publish(WriteDraft(directory, Path.GetFileName(path), content, mode), directory, path);
    }

    /// <summary>As <see cref="Replace(string, ReadOnlySpan{byte}, UnixMode)"/>, of content in parts that need not be
    /// put together before.</summary>
    /// <param name="path">The name; its directory must exist.</param>
    /// <param name="parts">The whole new content, in order.</param>
    /// <param name="mode">The permission bits of the file.</param>
    /// <exception cref="FileSystemException">The disk is full or failed.</exception>
    public static void Replace(string path, ReadOnlyMemory<byte>[] parts, UnixMode mode)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var directory = DirectoryOf(path);
        using var file = CreateDraft(directory, Path.GetFileName(path), mode);
        try
        {
            long length = 0;
            foreach (var part in parts)
            {
                file.WriteAt(length, part.Span);
                length += part.Length;
            }

            file.Sync();
        }
        catch
        {
            _ = Fs.Unlink(file.Path);
            throw;
        }

        Publish(file.Path, directory, path);
    }

    /// <summary>Writes and syncs a file of a name nobody reads, for the caller to rename.</summary>
    /// <returns>Its path in <paramref name="directory"/>; the name ends in <c>.tmp</c>.</returns>
    public static string WriteDraft(
        string directory, string name, ReadOnlySpan<byte> content, UnixMode mode = UnixMode.Private, bool sync = true)
    {
        using var file = CreateDraft(directory, name, mode);
        try
        {
            if (!content.IsEmpty)
                file.WriteAt(0, content);
            if (sync)
                file.Sync();
            return file.Path;
        }
        catch
        {
            _ = Fs.Unlink(file.Path);
            throw;
        }
    }

    /// <summary>As <see cref="WriteDraft"/>, from a stream of any length, in pieces.</summary>
    /// <returns>Its path; synced.</returns>
    public static async Task<string> WriteDraftAsync(
        string directory, string name, Stream content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(content);
        using var file = CreateDraft(directory, name, UnixMode.Private);
        var piece = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            long length = 0;
            int read;
            while ((read = await content.ReadAsync(piece, cancellationToken).ConfigureAwait(false)) > 0)
            {
                file.WriteAt(length, piece.AsSpan(0, read));
                length += read;
            }

            file.Sync();
            return file.Path;
        }
        catch
        {
            _ = Fs.Unlink(file.Path);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private static string DirectoryOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";

    private static void Publish(string draft, string directory, string path)
    {
        try
        {
            Fs.Rename(draft, path);
        }
        catch
        {
            _ = Fs.Unlink(draft);
            throw;
        }

        Fs.SyncDirectory(directory);
    }

    private static DurableFile CreateDraft(string directory, string name, UnixMode mode)
    {
        while (true)
        {
            // A draft that a killed process of the same id left behind only costs another number.
            var draft = Path.Combine(
                directory, $".{name}.{Environment.ProcessId}-{Interlocked.Increment(ref Counter)}.tmp");
            try
            {
                return DurableFile.Create(draft, mode);
            }
            catch (FileSystemException e) when (e.Error == Errno.Exists)
            {
                continue;
            }
        }
    }
}
