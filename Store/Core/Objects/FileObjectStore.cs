using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Storage;

/// <summary>Objects as files of a folder: <c>packs/ab/ab…</c>, with temporary files in <c>tmp</c>.</summary>
/// <remarks>
/// Write, sync, rename, sync of the folder: a name is seen only when all of its bytes are durable. Processes that share
/// a folder have temporary files apart; opening deletes those that a killed process left in its own. That nobody else
/// uses them is ensured by <see cref="DataFolder"/>.
/// </remarks>
public sealed class FileObjectStore : IMarkedObjectStore
{
    /// <summary>The number of files from which one sync of the file system is cheaper than one for each.</summary>
    private const int BarrierFromFiles = 16;

    private const int CopyBytes = 128 * 1024;

    private const string FailedText = "the server's object store failed: ask its operator to read the server's log";

    private const string DefaultTemporary = "tmp";

    private const string MarkName = "catalogue";

    private const int MaxMarkBytes = 64;

    private readonly string _root;
    private readonly string _temporary;
    private readonly ConcurrentDictionary<string, bool> _folders = new();

    private FileObjectStore(string root, string temporary = DefaultTemporary)
    {
        _root = root;
        _temporary = Path.Combine(root, temporary);
    }

    /// <summary>Opens a folder, and creates it if it is missing.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="temporary">The name of this process's folder of temporary files in it.</param>
    /// <exception cref="FileSystemException">The folder cannot be created or written.</exception>
    public static FileObjectStore Open(string root, string temporary = DefaultTemporary) =>
        Open(root, temporary, ObjectName.ServerKinds);

    /// <summary>Opens a folder of backups, and creates it if it is missing. One process at a time.</summary>
    /// <exception cref="FileSystemException">The folder cannot be created or written.</exception>
    public static FileObjectStore OpenBackups(string root) =>
        Open(root, DefaultTemporary, Enum.GetValues<ObjectKind>());

    private static FileObjectStore Open(string root, string temporary, IReadOnlyList<ObjectKind> kinds)
    {
        var store = new FileObjectStore(Fs.Resolve(root), temporary);
        Fs.MakeDirectories(store._root);
        Fs.CheckWritable(store._root);
        _ = TreeRemoval.Remove(store._temporary);
        _ = Fs.MakeDirectory(store._temporary);
        foreach (var kind in kinds)
        {
            var folder = Path.Combine(store._root, ObjectName.FolderOf(kind));
            _ = Fs.MakeDirectory(folder);
            Fs.CheckWritable(folder);
        }

        Fs.SyncDirectory(store._root);
        return store;
    }

    /// <summary>Opens a folder of objects to read alone, such as a backup. Nothing is created or checked: a folder that
    /// is not there is a store that does not answer.</summary>
    public static IObjectReader OpenReader(string root) => new FileObjectStore(Fs.Resolve(root));

    /// <inheritdoc/>
    public string Location => _root;

    /// <inheritdoc/>
    public Task<string?> FindMarkAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            using var file = DurableFile.TryOpenRead(Path.Combine(_root, MarkName));
            if (file is null)
                return Task.FromResult<string?>(null);
            Span<byte> mark = stackalloc byte[MaxMarkBytes];
            return Task.FromResult<string?>(Encoding.ASCII.GetString(mark[..file.ReadAt(0, mark)]));
        }
        catch (FileSystemException e)
        {
            return Task.FromException<string?>(Unavailable(e));
        }
    }

    /// <inheritdoc/>
    public Task PutMarkAsync(string mark, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            TemporaryFile.RemoveLeftovers(_root, MarkName);
            AtomicFile.Replace(Path.Combine(_root, MarkName), Encoding.ASCII.GetBytes(mark));
            return Task.CompletedTask;
        }
        catch (FileSystemException e)
        {
            return Task.FromException(Unavailable(e));
        }
    }

    /// <inheritdoc/>
    public async Task PutAsync(ObjectName name, Stream content, CancellationToken cancellationToken = default)
    {
        var piece = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            using var file = TemporaryFile.Create(_temporary, name.Digest.ToString());
            int read;
            while ((read = await content.ReadAsync(piece, cancellationToken).ConfigureAwait(false)) > 0)
                file.Append(piece.AsSpan(0, read));
            file.Sync();
            Fs.SyncDirectory(RenameIntoPlace(file, name));
        }
        catch (FileSystemException e)
        {
            throw Unavailable(e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
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
                throw ObjectDamagedException.Short(name, offset, destination.Length, read);
            return ValueTask.CompletedTask;
        }
        catch (FileSystemException e)
        {
            throw new ObjectUnreadableException(name, FailedText, e) { OperatorDetail = DetailOf(e) };
        }
    }

    /// <inheritdoc/>
    public ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default)
    {
        try
        {
            if (Fs.FindStatus(PathOf(name)) is { Kind: FileKind.File } status)
                return ValueTask.FromResult<long?>(status.Length);
            // A folder that is gone is a lost disk, not a lost object.
            var folder = Path.Combine(_root, ObjectName.FolderOf(name.Kind));
            return Fs.FindStatus(folder) is { Kind: FileKind.Directory }
                ? ValueTask.FromResult<long?>(null)
                : throw new StoreUnavailableException(
                    "the server's store is gone: ask its operator to read the server's log")
                {
                    OperatorDetail = $"the object store is gone: {folder}: mount or restore it",
                };
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

    private static ChunkOtaException Unavailable(FileSystemException e) => e.Code == ErrorCodes.DiskFull
        ? StoreFullException.Of(e.Path, e)
        : new StoreUnavailableException(FailedText, e) { OperatorDetail = DetailOf(e) };

    private static string DetailOf(FileSystemException failure) => $"the object store failed: {failure.Message}";

    private void Put(IReadOnlyList<ObjectContent> objects, CancellationToken cancellationToken)
    {
        var isMany = objects.Count >= BarrierFromFiles;
        using var barrier = isMany ? FileSystemBarrier.Open(_root) : null;
        var files = new List<TemporaryFile>(objects.Count);
        try
        {
            foreach (var (name, content) in objects)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var file = TemporaryFile.Create(_temporary, name.Digest.ToString());
                files.Add(file);
                file.Append(content.Span);
                if (!isMany)
                    file.Sync();
                file.Close();
            }
            barrier?.Sync();
            HashSet<string> folders = [];
            for (var i = 0; i < objects.Count; i++)
                folders.Add(RenameIntoPlace(files[i], objects[i].Name));
            if (barrier is not null)
            {
                barrier.Sync();
                return;
            }
            foreach (var folder in folders)
                Fs.SyncDirectory(folder);
        }
        finally
        {
            foreach (var file in files)
                file.Dispose();
        }
    }

    /// <summary>Gives a synced file its name.</summary>
    /// <returns>The folder, which is still to be synced.</returns>
    private string RenameIntoPlace(TemporaryFile file, ObjectName name)
    {
        var path = PathOf(name);
        var folder = Path.GetDirectoryName(path)!;
        MakeFolder(folder);
        file.RenameIntoPlace(path);
        return folder;
    }

    /// <summary>Makes a shard's folder. Its name is synced once in each process: the process that made it may have been
    /// killed before.</summary>
    private void MakeFolder(string folder)
    {
        if (_folders.ContainsKey(folder))
            return;
        _ = Fs.MakeDirectory(folder);
        Fs.SyncDirectory(Path.GetDirectoryName(folder)!);
        _folders[folder] = true;
    }

    /// <inheritdoc/>
    public string PathOf(ObjectName name) => Path.Combine(_root, name.ToString());

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
