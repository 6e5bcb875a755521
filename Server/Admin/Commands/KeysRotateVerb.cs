using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary><c>keys rotate</c>: makes a new key for a role, and the next trust root that lists it.</summary>
internal sealed class KeysRotateVerb : NewRootVerb
{
    private readonly Argument<string> _role = new Argument<string>("ROLE")
    {
        Description = "root, release or channel.",
    }.OneOf(RoleKeys.RootRole, RoleKeys.ReleaseRole, RoleKeys.ChannelRole);

    private readonly Option<bool> _revoke = new("--revoke")
    {
        Description = "release: remove the old key from the trust root, too: devices then refuse every release that it "
            + "signed. A root or channel key is always removed.",
    };

    public KeysRotateVerb(AdminContext context) : base(context, "rotate",
        "Makes a new key for a role, and the next trust root that lists it, signed by the old and the new root key. "
        + "The old key file stays beside it as ROLE.N.key.",
        "# Somebody with access has left: releases that the old key signed stay valid.",
        "ota-admin keys rotate release --keys keys",
        "# The key was stolen: nothing that it signed is accepted any more.",
        "ota-admin keys rotate release --keys keys --revoke",
        "ota-admin keys rotate channel --keys keys")
    {
        Add(_role);
        AddOptions();
        Add(_revoke);
    }

    protected override VerifiedRoot SignNext(
        ParseResult parsed, KeySource source, VerifiedRoot root, (DateTimeOffset Now, DateTimeOffset Expires) time)
    {
        var role = parsed.GetRequiredValue(_role);
        var isRevoked = parsed.GetValue(_revoke);
        if (isRevoked && role != RoleKeys.ReleaseRole)
        {
            throw new ChunkOtaException(
                ErrorCodes.Usage, $"--revoke is for release keys: the old {role} key is always removed");
        }
        var old = source.Find(role, root, product: null)
            ?? throw new ChunkOtaException(
                ErrorCodes.KeyInvalid, $"there is no {role} key of '{source.Folder.RootPath}' to replace");
        // The new key gets the passphrase of the old one, which shows here that it is the right one.
        if (old.IsEncrypted)
            source.Open(role, root, product: null).Dispose();
        using var rootKey = source.Open(RoleKeys.RootRole, root, product: null);
        using var key = SigningKey.Generate();
        var file = KeyFile.Of(role, key, old.IsEncrypted ? source.Passphrase.Get() : null);
        var next = RootSigning.Rotated(
            root, rootKey, new KeyRotation(role, Convert.FromHexString(old.Public), key, isRevoked), time);
        source.Folder.Rotate(file, root, next);
        return next;
    }
}
