using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Finds a program of the current release, and makes the order to start it.</summary>
internal static class CurrentProgram
{
    /// <summary>Makes the order.</summary>
    /// <param name="product">The product.</param>
    /// <param name="release">Its current release.</param>
    /// <param name="command">The program's path below the release's tree, and its arguments.</param>
    /// <exception cref="ChunkOtaException"><c>USAGE</c>: there is no such program in the release.</exception>
    public static LaunchOrder Find(LocalProduct product, InstalledRelease release, IReadOnlyList<string> command)
    {
        if (product.Slots is not null)
            throw new ChunkOtaException(ErrorCodes.Usage, "a product in slots is started by the machine's boot loader");
        var tree = Fs.Resolve(product.Destination.PathOf(release.Version));
        // Links inside a release lead to programs of it; they are followed, and must not lead out of it.
        var path = Fs.Resolve(Path.Combine(tree, command[0]));
        var name = product.States.Find()?.Product;
        if (!path.StartsWith(tree + "/", StringComparison.Ordinal))
        {
            throw new ChunkOtaException(
                ErrorCodes.Usage,
                $"'{command[0]}' is not in the release: give the path of a program below {product.Home.CurrentLink}");
        }
        if (Fs.FindStatus(path) is not { Kind: FileKind.File } status)
            throw new ChunkOtaException(ErrorCodes.Usage, $"{name} {release.Version} has no program '{command[0]}'");
        if (!status.IsExecutable)
        {
            throw new ChunkOtaException(
                ErrorCodes.Usage,
                $"'{command[0]}' of {name} {release.Version} is not executable: publish it with its execute bit");
        }
        return new LaunchOrder(path, [path, .. command.Skip(1)], PassedEnvironment.Of(
            Environment.GetEnvironmentVariables(),
            ("OTA_PRODUCT", name), ("OTA_VERSION", release.Version), ("OTA_RELEASE", tree)));
    }
}
