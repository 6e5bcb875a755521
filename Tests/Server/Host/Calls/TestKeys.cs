using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>A publisher's keys, one for each role, and the trust root that names them.</summary>
internal sealed class TestKeys : IDisposable
{
    public TestKeys()
    {
        var payload = new TrustRoot
        {
            Version = 1,
            ExpiresUnixSeconds = TimeProvider.System.GetUtcNow().AddYears(1).ToUnixTimeSeconds(),
            Roles =
            {
                Role(RoleKeys.RootRole, RootKey),
                Role(RoleKeys.ReleaseRole, ReleaseKey),
                Role(RoleKeys.ChannelRole, ChannelKey),
            },
        }.ToByteArray();
        Root = SignedDocument.Sign(PayloadTypes.Root, payload, RootKey);
    }

    public SigningKey RootKey { get; } = SigningKey.Generate();

    public SigningKey ReleaseKey { get; } = SigningKey.Generate();

    public SigningKey ChannelKey { get; } = SigningKey.Generate();

    public Envelope Root { get; }

    public void Dispose()
    {
        RootKey.Dispose();
        ReleaseKey.Dispose();
        ChannelKey.Dispose();
    }

    private static TrustRole Role(string name, SigningKey key) => new()
    {
        Name = name,
        Threshold = 1,
        Keys = { new TrustKey { Key = ByteString.CopyFrom(key.PublicKey.Span) } },
    };
}
