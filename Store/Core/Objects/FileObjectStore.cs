using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Storage;

/// <summary>Objects as files of a folder: <c>packs/ab/ab…</c>, and drafts in <c>tmp</c> until they are whole.</summary>
/// <remarks>
/// Draft, sync, rename, sync of the folder: a name is seen only when all of its bytes are durable. One process at a
/// time, which <see cref="DataFolder"/> sees to; what a killed one left in <c>tmp</c> goes when the next one opens.
/// </remarks>
public sealed class FileObjectStore : IPrunableObjectStore
{
    /// <summary>From so many files on, one sync of the file system is cheaper than one for each.</summary>
    private const int BarrierFromFiles = 16;

    private readonly string _root;
    private readonly string _drafts;
    private readonly ConcurrentDictionary<string, bool> _folders = new();

    private FileObjectStore(string root)
    {
        _root = root;
        _drafts = Path.Combine(root, "tmp");
    }

    /// <summary>Opens a folder, making it where it is missing.</summary>
    /// <exception cref="FileSystemException">It cannot be made or written.</exception>
    public static FileObjectStore Open(string root)
    {
        var store = new FileObjectStore(Path.GetFullPath(root));
        _ = Fs.RemoveTree(store._drafts);
        Fs.MakeDirectories(store._drafts);
        foreach (var kind in Enum.GetValues<ObjectKind>())
            _ = Fs.MakeDirectory(Path.Combine(store._root, ObjectName.FolderOf(kind)));
        Fs.SyncDirectory(store._root);
        return store;
    }

    /// <inheritdoc/>
    public async Task PutAsync(ObjectName name, Stream content, CancellationToken cancellationToken = default)
    {
        try
        {
            var draft = await AtomicFile.WriteDraftAsync(_drafts, name.Digest.ToString(), content, cancellationToken)
                .ConfigureAwait(false);
            try
            {
                Fs.SyncDirectory(Publish(draft, name));
            }
            catch
            {
                _ = Fs.Unlink(draft);
                throw;
            }
        }
        catch (FileSystemException e)
        {
            throw Unavailable(e);
        }
    }

    /// <inheritdoc/>
    public Task PutManyAsync(IReadOnlyList<ObjectContent> objects, CancellationToken cancellationToken = default)
    {
        if (objects.Count == 0)
            return Task.CompletedTask;
        try
        {
            Put(objects, cancellationToken);
            return Task.CompletedTask;
        }
        catch (FileSystemException e)
        {
            return Task.FromException(Unavailable(e));
        }
    }

    /// <inheritdoc/>
    public ValueTask ReadAsync(
        ObjectName name, long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            using var file = DurableFile.TryOpenRead(PathOf(name)) ?? throw new ObjectMissingException(name);
            var read = file.ReadAt(offset, destination.Span);
            if (read < destination.Length)
                throw Short(name, offset, destination.Length, read);
            return ValueTask.CompletedTask;
        }
        catch (FileSystemException e)
        {
            throw Unavailable(e);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default)
    {
        try
        {
            return ValueTask.FromResult(
                Fs.FindFacts(PathOf(name)) is { Kind: FileKind.File } facts ? facts.Length : (long?)null);
        }
        catch (FileSystemException e)
        {
            throw Unavailable(e);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectName> ListAsync(
        ObjectKind kind, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var folder = Path.Combine(_root, ObjectName.FolderOf(kind));
        foreach (var shard in Names(folder, FileKind.Directory))
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var file in Names(Path.Combine(folder, shard), FileKind.File))
            {
                if (Digest.TryParse(file, null, out var digest))
                    yield return new ObjectName(kind, digest);
            }

            // A long listing must not keep its thread from everybody else.
            await Task.Yield();
        }
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(ObjectName name, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return Task.FromResult(Fs.Unlink(PathOf(name)));
        }
        catch (FileSystemException e)
        {
            return Task.FromException<bool>(Unavailable(e));
        }
    }

    internal static ObjectDamagedException Short(ObjectName name, long offset, int wanted, int read) => new(
        $"object {name} is damaged: it ends {wanted - read} bytes before offset {offset + wanted}");

    private static ChunkOtaException Unavailable(FileSystemException e) => e.Code == ErrorCodes.DiskFull
        ? StoreFullException.Of(e.Path, e)
        : new StoreUnavailableException(
            "the server's object store failed: ask its operator to read the server's log", e)
        {
            OperatorDetail = $"the object store failed: {e.Message}",
        };

    private void Put(IReadOnlyList<ObjectContent> objects, CancellationToken cancellationToken)
    {
        var isMany = objects.Count >= BarrierFromFiles;
        using var barrier = isMany ? FileSystemBarrier.Open(_root) : null;
        var drafts = new List<string>(objects.Count);
        try
        {
            foreach (var (name, content) in objects)
            {
                cancellationToken.ThrowIfCancellationRequested();
                drafts.Add(AtomicFile.WriteDraft(_drafts, name.Digest.ToString(), content.Span, sync: !isMany));
            }
            barrier?.Sync();
            HashSet<string> folders = [];
            for (var i = 0; i < objects.Count; i++)
            {
                folders.Add(Publish(drafts[i], objects[i].Name));
            }
            if (barrier is not null)
            {
                barrier.Sync();
                return;
            }
            foreach (var folder in folders)
                Fs.SyncDirectory(folder);
        }
        catch
        {
            foreach (var draft in drafts)
                _ = Fs.Unlink(draft);
            throw;
        }
    }

    /// <summary>Gives a synced draft its name.</summary>
    /// <returns>The folder, which is still to be synced.</returns>
    private string Publish(string draft, ObjectName name)
    {
        var path = PathOf(name);
        var folder = Path.GetDirectoryName(path)!;
        MakeFolder(folder);
        Fs.Rename(draft, path);
        return folder;
    }

    /// <summary>Makes a shard's folder; the first time also durably, for who made it may have been killed before
    /// that.</summary>
    private void MakeFolder(string folder)
    {
        if (_folders.ContainsKey(folder))
            return;
        _ = Fs.MakeDirectory(folder);
        Fs.SyncDirectory(Path.GetDirectoryName(folder)!);
        _folders[folder] = true;
    }

    private string PathOf(ObjectName name) => Path.Combine(_root, name.ToString());

    private static IEnumerable<string> Names(string folder, FileKind kind)
    {
        try
        {
            return Fs.FindNames(folder)?.Where(entry => entry.Kind == kind).Select(entry => entry.Name) ?? [];
        }
        catch (FileSystemException e)
        {
            throw Unavailable(e);
        }
    }
}
