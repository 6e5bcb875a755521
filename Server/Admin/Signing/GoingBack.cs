using System.Globalization;
using System.Numerics;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>Refuses to move a channel back, and says how to go back on purpose.</summary>
internal static class GoingBack
{
    /// <summary>Refuses a release whose counter is below that of the channel's current one: every device that has
    /// that one would refuse it as a rollback.</summary>
    /// <param name="last">The channel's last pointer; null before the first.</param>
    /// <param name="release">The release that is to be current.</param>
    /// <param name="channel">The channel's name.</param>
    /// <param name="keysDirectory">For the command in the hint.</param>
    /// <exception cref="ChunkOtaException"><c>COUNTER_LOWER</c>, with the command in its hint.</exception>
    public static void Check(
        VerifiedPointer? last, VerifiedManifest release, string channel, string keysDirectory)
    {
        if (last?.Value.Current is not { } current || release.Head.Counter >= current.Counter)
            return;
        var (product, platform) = (release.Head.Product, release.Head.Platform);
        throw new ChunkOtaException(
            ErrorCodes.CounterLower,
            $"channel {channel} of {product} for {platform} was not moved: {release.Version} (counter "
            + $"{release.Head.Counter}) is older than {current.Version} (counter {current.Counter}), and devices that "
            + "have that one would refuse it: release the old content under a new version")
        {
            Hint = $"ota-admin rerelease {product} {release.Version} --as {After(current.Version)} --to {channel} "
                + $"--platform {platform} --keys {keysDirectory}",
        };
    }

    /// <summary>A version that comes after another: its next patch, or what a pre-release leads to.</summary>
    public static string After(string version)
    {
        var core = version.Split('-')[0];
        if (ReleaseVersion.Parse(version).IsPrerelease)
            return core;
        var dot = core.LastIndexOf('.');
        var patch = BigInteger.Parse(core[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture) + 1;
        return string.Create(CultureInfo.InvariantCulture, $"{core[..dot]}.{patch}");
    }
}
