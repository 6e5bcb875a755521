using System.Globalization;
using System.Text;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>The files of a publisher's folder of keys.</summary>
/// <remarks>
/// <c>root.json</c> is the newest trust root and <c>root.N.json</c> its predecessors; <c>ROLE.key</c> is the key that
/// signs now and <c>ROLE.N.key</c> one that was replaced after root N; <c>ROLE.key.new</c> exists while a rotation is
/// under way. The root decides which key counts, so that the folder can be used after a crash at any point. Whoever
/// changes something holds <c>lock</c>. A key file is never overwritten by another key.
/// </remarks>
/// <param name="path">The folder, perhaps through links.</param>
internal sealed class KeyFolder(string path)
{
    private const int MaxRootBytes = 1024 * 1024;
    private const int MaxRoots = 1024;

    private static readonly string[] Roles = [RoleKeys.RootRole, RoleKeys.ReleaseRole, RoleKeys.ChannelRole];

    private readonly string _directory = Fs.FindLinkTarget(path) is null ? path : Fs.Resolve(path);

    /// <summary>The newest trust root.</summary>
    public string RootPath => Path.Combine(_directory, "root.json");

    /// <summary>The key of a role.</summary>
    public string KeyPath(string role) => Path.Combine(_directory, $"{role}.key");

    /// <summary>The key of a role that takes over with the next root.</summary>
    public string NewKeyPath(string role) => Path.Combine(_directory, $"{role}.key.new");

    /// <summary>The key of a role that was replaced after a root.</summary>
    public string OldKeyPath(string role, ulong version) =>
        Path.Combine(_directory, string.Create(CultureInfo.InvariantCulture, $"{role}.{version}.key"));

    /// <summary>Reads the newest trust root.</summary>
    /// <exception cref="ChunkOtaException"><c>ROOT_INVALID</c>.</exception>
    public VerifiedRoot ReadRoot() => ReadRoot(RootPath);

    /// <summary>Reads a trust root from a file and verifies it by its own root keys.</summary>
    /// <exception cref="ChunkOtaException"><c>ROOT_INVALID</c>.</exception>
    public static VerifiedRoot ReadRoot(string path) => FindRoot(path)
        ?? throw new ChunkOtaException(ErrorCodes.RootInvalid, $"there is no trust root at '{path}'");

    /// <summary>Reads the roots of a chain that ends with a file, from the oldest that is there; each follows the one
    /// before it.</summary>
    /// <param name="path">The newest root; its predecessors are beside it.</param>
    /// <exception cref="ChunkOtaException"><c>ROOT_INVALID</c>; <c>ROOT_CHAIN</c>, <c>SIG_INVALID</c>: a root does not
    /// follow its predecessor.</exception>
    public static IReadOnlyList<VerifiedRoot> ReadChain(string path)
    {
        var newest = ReadRoot(path);
        var before = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        List<VerifiedRoot> chain = [newest];
        for (var version = newest.Version - 1; version > 0 && chain.Count < MaxRoots; version--)
        {
            if (FindRoot(PathOf(before, version)) is not { } root)
                break;
            _ = VerifiedRoot.Next(chain[0].Envelope, root);
            chain.Insert(0, root);
        }
        return chain;
    }

    /// <summary>Makes the folder and writes a first root and its keys.</summary>
    /// <exception cref="ChunkOtaException"><c>USAGE</c>: a key or root is there already.</exception>
    public void Create(IReadOnlyCollection<KeyFile> keys, VerifiedRoot root)
    {
        Fs.MakeDirectories(_directory);
        using var held = Lock();
        foreach (var path in keys.Select(key => KeyPath(key.Role)).Append(RootPath))
            CheckFree(path, "choose another folder");
        foreach (var key in keys)
            key.WriteTo(KeyPath(key.Role));
        WriteRoot(RootPath, root);
    }

    /// <summary>Makes a change that no other process disturbs, after finishing or undoing what an interrupted one left
    /// behind.</summary>
    /// <param name="change">Gets the newest root.</param>
    /// <exception cref="ChunkOtaException"><c>BUSY</c>: another process changes the folder. <c>ROOT_INVALID</c>.
    /// </exception>
    public T Change<T>(Func<VerifiedRoot, T> change)
    {
        // A folder without a root is refused before the lock's file is made in it.
        _ = ReadRoot();
        using var held = Lock();
        DeleteLeftovers();
        var root = ReadRoot();
        foreach (var role in Roles)
            FinishRotation(role, root);
        return change(root);
    }

    /// <summary>Puts a root in the place of its predecessor, which stays under its number.</summary>
    public void Succeed(VerifiedRoot predecessor, VerifiedRoot root)
    {
        WriteRoot(PathOf(_directory, predecessor.Version), predecessor);
        WriteRoot(RootPath, root);
    }

    /// <summary>Puts a key in the place of its predecessor, together with the root that lists it.</summary>
    /// <remarks>The root's rename is the moment of the change: before it, the new key is a leftover that no root lists;
    /// after it, the next <see cref="Change{T}"/> can do the rest.</remarks>
    public void Rotate(KeyFile key, VerifiedRoot predecessor, VerifiedRoot root)
    {
        CheckFree(OldKeyPath(key.Role, predecessor.Version), "move it to another folder, nothing was changed");
        key.WriteTo(NewKeyPath(key.Role));
        Succeed(predecessor, root);
        FinishRotation(key.Role, root);
    }

    /// <summary>Reads all keys that are here, those that were replaced included, with their files.</summary>
    /// <exception cref="ChunkOtaException"><c>KEY_EXPOSED</c>, <c>KEY_INVALID</c>; <c>USAGE</c>: a file is a symbolic
    /// link, so that writing it would leave the key itself as it is.</exception>
    public IReadOnlyList<(string Path, KeyFile Key)> ReadKeysToReplace()
    {
        List<(string, KeyFile)> keys = [];
        foreach (var (name, kind) in (Fs.FindNames(_directory) ?? []).OrderBy(of => of.Name, StringComparer.Ordinal))
        {
            if (!IsKeyName(name))
                continue;
            var path = Path.Combine(_directory, name);
            if (kind == FileKind.SymbolicLink)
            {
                throw new ChunkOtaException(ErrorCodes.Usage,
                    $"'{path}' is a symbolic link: name the folder that holds the key itself, nothing was changed");
            }
            if (KeyFile.Find(path) is { } key)
                keys.Add((path, key));
        }
        return keys;
    }

    private void FinishRotation(string role, VerifiedRoot root)
    {
        if (KeyFile.Find(NewKeyPath(role)) is not { } key)
            return;
        if (!key.IsListedBy(root))
        {
            Fs.Unlink(NewKeyPath(role));
            Fs.SyncDirectory(_directory);
            return;
        }
        var old = OldKeyPath(role, root.Version - 1);
        if (Fs.FindStatus(KeyPath(role)) is not null && !Fs.TryRenameNew(KeyPath(role), old))
            throw Taken(old, "move it to another folder");
        Fs.Rename(NewKeyPath(role), KeyPath(role));
        Fs.SyncDirectory(_directory);
    }

    private FileLock Lock()
    {
        try
        {
            return FileLock.Acquire(Path.Combine(_directory, "lock"));
        }
        catch (FileSystemException e) when (e.Code == ErrorCodes.Busy)
        {
            throw new ChunkOtaException(
                ErrorCodes.Busy,
                $"another run is changing the keys in '{_directory}': repeat the command when it has finished", e);
        }
    }

    private static void CheckFree(string path, string remedy)
    {
        if (Fs.FindStatus(path) is not null)
            throw Taken(path, remedy);
    }

    private static ChunkOtaException Taken(string path, string remedy) =>
        new(ErrorCodes.Usage, $"'{path}' is there already: {remedy}");

    /// <summary>Deletes the temporary files of processes that were killed: a plain key may be in one.</summary>
    private void DeleteLeftovers()
    {
        foreach (var (name, _) in Fs.FindNames(_directory) ?? [])
        {
            if (Roles.Any(role => name.StartsWith($".{role}.", StringComparison.Ordinal))
                && name.EndsWith(".tmp", StringComparison.Ordinal))
            {
                Fs.Unlink(Path.Combine(_directory, name));
            }
        }
    }

    /// <summary>True for <c>ROLE.key</c> and <c>ROLE.N.key</c>.</summary>
    private static bool IsKeyName(string name) => name.Split('.') switch
    {
        [var role, "key"] => Roles.Contains(role),
        [var role, var version, "key"] => Roles.Contains(role) && version.All(char.IsAsciiDigit),
        _ => false,
    };

    private static VerifiedRoot? FindRoot(string path) => DurableFile.FindBytes(path, MaxRootBytes) is { } json
        ? VerifiedRoot.SelfSigned(SignedDocument.FromJson(PlainText.Utf8Of(json, path)))
        : null;

    private static string PathOf(string directory, ulong version) =>
        Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"root.{version}.json"));

    private static void WriteRoot(string path, VerifiedRoot root) => AtomicFile.Replace(
        path, Encoding.UTF8.GetBytes(SignedDocument.ToJson(root.Envelope)), Permissions.Ordinary);
}
