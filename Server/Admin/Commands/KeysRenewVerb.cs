using System.CommandLine;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary><c>keys renew</c>: signs the next trust root, with the same keys.</summary>
internal sealed class KeysRenewVerb : NewRootVerb
{
    public KeysRenewVerb(AdminContext context) : base(context, "renew",
        "Signs the next trust root: the same keys, a new expiry. Hand it to the server with 'products root'.",
        "ota-admin keys renew --keys keys")
    {
        AddOptions();
    }

    protected override VerifiedRoot SignNext(
        ParseResult parsed, KeySource source, VerifiedRoot root, (DateTimeOffset Now, DateTimeOffset Expires) time)
    {
        using var rootKey = source.Open(RoleKeys.RootRole, root, product: null);
        var renewed = RootSigning.Renewed(root, rootKey, time.Now, time.Expires);
        source.Folder.Succeed(root, renewed);
        return renewed;
    }
}
