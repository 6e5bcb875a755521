using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>The rules that stop what is more often a mistake than meant. An allowance of the publisher lifts
/// each.</summary>
internal static class GuardRules
{
    /// <summary>Refuses a channel that the product does not have. Its first channel needs no allowance.</summary>
    /// <exception cref="ChunkOtaException"><c>CHANNEL_UNKNOWN</c>.</exception>
    public static void CheckChannel(ICatalogueLookup lookup, string product, string channel, Allowances allowances)
    {
        var known = lookup.ListChannels(product);
        if (known.Count > 0 && !known.Contains(channel) && !allowances.HasFlag(Allowances.NewChannel))
        {
            throw new ChunkOtaException(
                ErrorCodes.ChannelUnknown,
                $"unknown channel of {product}: {channel}: {Describe(channel, known)} --create-channel "
                + "creates a new one");
        }
    }

    /// <summary>Refuses a platform that the product has no release for. Its first one needs no allowance.</summary>
    /// <exception cref="ChunkOtaException"><c>PLATFORM_UNKNOWN</c>.</exception>
    public static void CheckPlatform(ICatalogueLookup lookup, string product, string platform, Allowances allowances)
    {
        var known = lookup.ListPlatforms(product);
        if (known.Count > 0 && !known.Contains(platform) && !allowances.HasFlag(Allowances.NewPlatform))
        {
            throw new ChunkOtaException(
                ErrorCodes.PlatformUnknown,
                $"unknown platform of {product}: {platform}: {Describe(platform, known)} --new-platform "
                + "adds a new one");
        }
    }

    /// <summary>Refuses a release without files, or with less than half the files or bytes of the channel's current
    /// one; before the channel's first, of the platform's newest.</summary>
    /// <param name="lookup">Knows the size of that release.</param>
    /// <param name="publish">Where the release goes, and what is allowed.</param>
    /// <param name="size">The size of the release.</param>
    /// <exception cref="ChunkOtaException"><c>RELEASE_EMPTY</c>, <c>RELEASE_SHRUNK</c>.</exception>
    public static void CheckSize(ICatalogueLookup lookup, PublishLease publish, ReleaseSize size)
    {
        if (size.Files == 0 && !publish.Allowances.HasFlag(Allowances.Empty))
        {
            throw new ChunkOtaException(
                ErrorCodes.ReleaseEmpty,
                $"the release has no files: {publish.Product} {publish.Version}: publish the folder that the build "
                + "filled, or pass --allow-empty");
        }

        if (publish.Allowances.HasFlag(Allowances.Shrink) || size.Files == 0
            || lookup.FindPreviousSize(publish.Product, publish.Platform, publish.Channel) is not { } previous)
            return;
        if (IsLessThanHalf(size.Files, previous.Files) || IsLessThanHalf(size.Bytes, previous.Bytes))
        {
            throw new ChunkOtaException(
                ErrorCodes.ReleaseShrunk,
                $"the release shrank to less than half the files or bytes: {publish.Product} {publish.Version}, "
                + $"{Describe(size)} after {Describe(previous)}: check the tree, or pass --allow-shrink");
        }
    }

    /// <summary>Refuses to give out numbers again that a restored catalogue has forgotten, until the publisher lets
    /// them jump. A product and platform without releases begins beyond them by itself.</summary>
    /// <exception cref="ChunkOtaException"><c>SERVER_BEHIND</c>.</exception>
    public static void CheckNotBehind(
        ICatalogueLookup lookup, string product, string platform, Allowances allowances)
    {
        if (!allowances.HasFlag(Allowances.AfterRestore)
            && lookup.FindHighestCounter(product, platform) < lookup.ReadLeastNumber())
        {
            throw new ChunkOtaException(
                ErrorCodes.ServerBehind,
                $"the server was restored from a backup and may lack releases of {product} for {platform} that devices "
                + "have: publish the newest content as a new version with --after-restore");
        }
    }

    private static bool IsLessThanHalf(long now, long before) => now < before - now;

    private static string Describe(string wanted, IReadOnlyList<string> known) =>
        ClosestName.Find(wanted, known) is { } closest
            ? $"did you mean {closest}?"
            : $"there is {string.Join(", ", known)};";

    private static string Describe(ReleaseSize size)
    {
        var files = size.Files == 1 ? "1 file" : $"{size.Files} files";
        return $"{files} of {SizeText.Of(size.Bytes)}";
    }
}
