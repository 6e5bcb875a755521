using ChunkOta.Chunking;

namespace ChunkOta.Protos;

/// <summary>The rules that make a channel pointer acceptable, apart from time and earlier pointers.</summary>
internal static class PointerRules
{
    private const int MaxRevoked = 64;

    /// <summary>The longest lifetime: 366 days.</summary>
    private const long MaxLifetimeSeconds = 366 * 86_400;

    /// <summary>Refuses a pointer that breaks a rule.</summary>
    /// <exception cref="ChunkOtaException">POINTER_INVALID.</exception>
    public static void Check(ChannelPointer pointer)
    {
        foreach (var (what, name) in new[] { ("product", pointer.Product), ("platform", pointer.Platform),
            ("channel", pointer.Channel) })
            if (!Names.IsValid(name))
                throw Invalid($"\"{OneLine.Of(name)}\" is no {what} name");
        if (pointer.Seq == 0)
            throw Invalid("its sequence number is missing");
        if (!UnixTime.IsValid(pointer.IssuedUnixSeconds) || !UnixTime.IsValid(pointer.ExpiresUnixSeconds)
            || pointer.ExpiresUnixSeconds <= pointer.IssuedUnixSeconds)
            throw Invalid("it does not expire after it was issued");
        if (pointer.ExpiresUnixSeconds - pointer.IssuedUnixSeconds > MaxLifetimeSeconds)
            throw Invalid("it is valid for more than 366 days");
        CheckRevoked(pointer);
        CheckTarget(pointer, pointer.Current, "current");
        if ((pointer.Candidate is null) != (pointer.RolloutId.Length == 0))
            throw Invalid("a candidate and a rollout id go together");
        if (pointer.Candidate is null)
            return;
        if (!Names.IsValid(pointer.RolloutId))
            throw Invalid($"\"{OneLine.Of(pointer.RolloutId)}\" is not a rollout id");
        CheckTarget(pointer, pointer.Candidate, "candidate");
    }

    internal static ChunkOtaException Invalid(string why) =>
        new(ErrorCodes.PointerInvalid, $"the channel pointer breaks a rule: {why}");

    private static void CheckRevoked(ChannelPointer pointer)
    {
        if (pointer.Revoked.Count > MaxRevoked)
            throw Invalid($"it withdraws more than {MaxRevoked} releases");
        if (pointer.Revoked.Any(digest => digest.Length != Digest.Size))
            throw Invalid($"a digest is {Digest.Size} bytes");
    }

    private static void CheckTarget(ChannelPointer pointer, PointerTarget? target, string what)
    {
        if (target is null)
            throw Invalid($"its {what} release is missing");
        if (target.ManifestDigest.Length != Digest.Size)
            throw Invalid($"its {what} release has a digest of {target.ManifestDigest.Length} bytes");
        if (target.ManifestBytes is 0 or > int.MaxValue)
            throw Invalid($"its {what} manifest has {target.ManifestBytes} bytes");
        if (target.Counter == 0 || target.Counter < pointer.Floor)
            throw Invalid($"its {what} release has the counter {target.Counter}, the floor is {pointer.Floor}");
        if (!ReleaseVersion.TryParse(target.Version, out _))
            throw Invalid($"\"{OneLine.Of(target.Version)}\" is not a version");
        if (pointer.Revoked.Contains(target.ManifestDigest))
            throw Invalid($"its {what} release is withdrawn");
    }
}
