using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The folder of this agent: the paths of everything it keeps.</summary>
/// <remarks>
/// <code>
/// HOME/.state/{device.key, trust.a, trust.b, lock, watch.lock, watch.id} the key 0600
/// HOME/PRODUCT/{current, previous, state.a, state.b, run, lock, wish}
/// HOME/PRODUCT/releases/VERSION/                                         the trees
/// HOME/PRODUCT/staging/DIGEST/                                           0700, trees that are being written
/// HOME/PRODUCT/staging/DIGEST.delta                                      deltas that are being downloaded
/// HOME/PRODUCT/manifests/DIGEST.{manifest,recipes,seal}
/// HOME/PRODUCT/launches/{record.a, record.b, lock}                       starts of a program during a trial
/// HOME/PRODUCT/slots.{a,b}                                               of a product that is an image
/// </code>
/// </remarks>
internal sealed class AgentHome
{
    private const string StateName = ".state";

    /// <summary>Names a home; nothing is made.</summary>
    /// <param name="root">Its path, perhaps through links: they are resolved once, here.</param>
    public AgentHome(string root) => Root = Fs.Resolve(root);

    /// <summary>The home's absolute path.</summary>
    public string Root { get; }

    /// <summary>The directory of the device's key, which is its owner's alone, and of the trust state.</summary>
    public string StateDirectory => Path.Combine(Root, StateName);

    /// <summary>The device's key.</summary>
    public string DeviceKeyPath => Path.Combine(StateDirectory, "device.key");

    /// <summary>The lock that changes of the trust state take for a moment.</summary>
    public string TrustLockPath => Path.Combine(StateDirectory, "lock");

    /// <summary>The lock that <c>watch</c> holds.</summary>
    public string WatchLockPath => Path.Combine(StateDirectory, "watch.lock");

    /// <summary>The id of the process that holds it.</summary>
    public string WatchIdPath => Path.Combine(StateDirectory, "watch.id");

    /// <summary>Makes the home and its state directory.</summary>
    public void Make()
    {
        Fs.MakeDirectories(Root, Permissions.Executable);
        if (Fs.MakeDirectory(StateDirectory, Permissions.Executable))
            Fs.SyncDirectory(Root);
    }

    /// <summary>Returns the folder of a product.</summary>
    /// <param name="product">Its name.</param>
    /// <exception cref="ChunkOtaException"><c>NAME_INVALID</c>.</exception>
    public ProductHome Of(string product)
    {
        Names.CheckProduct(product);
        return new ProductHome(Fs.Resolve(Path.Combine(Root, product)));
    }

    /// <summary>Lists the products that have a folder here, sorted.</summary>
    public IReadOnlyList<string> Products()
    {
        var products = new List<string>();
        foreach (var (name, kind) in Fs.FindNames(Root) ?? [])
        {
            if (kind is FileKind.Directory or FileKind.SymbolicLink && name != StateName
                && new ProductHome(Path.Combine(Root, name)).HasState)
                products.Add(name);
        }
        return products;
    }
}

/// <summary>The folder of one product: the paths of everything the agent keeps of it.</summary>
/// <param name="Root">Its absolute path.</param>
internal sealed record ProductHome(string Root)
{
    /// <summary>The relative name of the directory of installed trees.</summary>
    public const string ReleasesName = "releases";

    /// <summary>The end of the name of a release's seal, after the manifest's digest.</summary>
    public const string SealSuffix = ".seal";

    /// <summary>The link to the release that runs.</summary>
    public string CurrentLink => Path.Combine(Root, "current");

    /// <summary>The link to the release before it.</summary>
    public string PreviousLink => Path.Combine(Root, "previous");

    /// <summary>The installed trees.</summary>
    public string Releases => Path.Combine(Root, ReleasesName);

    /// <summary>The trees that are being written, for the owner alone.</summary>
    public string Staging => Path.Combine(Root, "staging");

    /// <summary>Manifests and recipes, by the manifest's digest.</summary>
    public string Manifests => Path.Combine(Root, "manifests");

    /// <summary>The starts of the current release's program during its trial.</summary>
    public string Launches => Path.Combine(Root, "launches");

    /// <summary>The lock that every change of this product takes.</summary>
    public string LockPath => Path.Combine(Root, "lock");

    /// <summary>The lock that a command holds while it wants <see cref="LockPath"/> of a run.</summary>
    public string WishPath => Path.Combine(Root, "wish");

    /// <summary>True when anything was ever recorded here.</summary>
    public bool HasState => Fs.FindStatus(Path.Combine(Root, "state.a")) is not null
        || Fs.FindStatus(Path.Combine(Root, "state.b")) is not null;

    /// <summary>The tree of an installed version.</summary>
    /// <param name="version">The version.</param>
    public string ReleaseOf(string version) => Path.Combine(Releases, version);

    /// <summary>The tree in which a release is written.</summary>
    /// <param name="manifestDigest">The digest of its manifest.</param>
    public string StagingOf(Digest manifestDigest) => Path.Combine(Staging, manifestDigest.ToString());

    /// <summary>The record of the last run.</summary>
    public string RunPath => Path.Combine(Root, "run");

    /// <summary>The record of what is installed.</summary>
    public TwoGenerationFile StateFile => new(Path.Combine(Root, "state"), Permissions.Ordinary);

    /// <summary>The record of the two slots, of a product that is installed as an image.</summary>
    public TwoGenerationFile SlotsFile => new(Path.Combine(Root, "slots"));

    /// <summary>Makes the product's directories.</summary>
    public void Make()
    {
        Fs.MakeDirectories(Root, Permissions.Executable);
        foreach (var directory in new[] { Releases, Staging })
        {
            if (Fs.FindStatus(directory) is { Kind: not FileKind.Directory })
            {
                throw new ChunkOtaException(
                    ErrorCodes.IoError,
                    $"{directory} is not a folder: to keep a product on another disk, move all of {Root} there and "
                    + "leave a link to it");
            }
        }
        var made = Fs.MakeDirectory(Releases, Permissions.Executable);
        made |= Fs.MakeDirectory(Staging);
        made |= Fs.MakeDirectory(Manifests, Permissions.Executable);
        if (made)
            Fs.SyncDirectory(Root);
        RequireOneFileSystem();
    }

    /// <summary>Takes the product's lock.</summary>
    /// <exception cref="ChunkOtaException"><c>BUSY</c>: another agent works on this product.</exception>
    public FileLock Lock()
    {
        try
        {
            return FileLock.Acquire(LockPath);
        }
        catch (FileSystemException e) when (e.Code == ErrorCodes.Busy)
        {
            throw new ChunkOtaException(
                ErrorCodes.Busy, $"another agent is working in {Root}: wait until it has finished", e);
        }
    }

    private void RequireOneFileSystem()
    {
        var device = Fs.FindStatus(Root)?.Device;
        foreach (var directory in new[] { Releases, Staging })
        {
            if (Fs.FindStatus(directory)?.Device != device)
            {
                throw new ChunkOtaException(
                    ErrorCodes.IoError, $"{directory} must be on the same file system as {Root}");
            }
        }
    }
}
