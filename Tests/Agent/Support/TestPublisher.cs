using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Tests.Agent.Support;

/// <summary>A publisher with real keys, who signs whatever a test wants signed.</summary>
internal sealed class TestPublisher : IDisposable
{
    private readonly TestClock _clock;

    public TestPublisher(TestClock clock)
    {
        _clock = clock;
        Roots.Add(SignRoot(1, [RootKey]));
    }

    public SigningKey RootKey { get; } = SigningKey.Generate();

    public SigningKey ReleaseKey { get; set; } = SigningKey.Generate();

    public SigningKey ChannelKey { get; set; } = SigningKey.Generate();

    /// <summary>A second root key, whose signature is then needed as well.</summary>
    public SigningKey? SpareRootKey { get; set; }

    /// <summary>A second release key.</summary>
    public SigningKey? SpareReleaseKey { get; set; }

    /// <summary>The chain of roots so far.</summary>
    public List<Envelope> Roots { get; } = [];

    public Digest FirstRootDigest => SignedDocument.DigestOf(Roots[0]);

    public Envelope Sign(Manifest manifest) =>
        SignedDocument.Sign(PayloadTypes.Manifest, manifest.ToByteArray(), ReleaseKey);

    public Envelope Sign(ChannelPointer pointer) =>
        SignedDocument.Sign(PayloadTypes.Pointer, pointer.ToByteArray(), ChannelKey);

    /// <summary>A pointer to a release, good for seven days.</summary>
    public ChannelPointer PointerTo(TestRelease release, ulong seq) => new()
    {
        Product = release.Manifest.Product,
        Platform = release.Manifest.Platform,
        Channel = "stable",
        Seq = seq,
        IssuedUnixSeconds = _clock.Now.ToUnixTimeSeconds(),
        ExpiresUnixSeconds = _clock.Now.AddDays(7).ToUnixTimeSeconds(),
        Current = TargetOf(release),
    };

    public static PointerTarget TargetOf(TestRelease release) => new()
    {
        ManifestDigest = Digest.Of(release.Manifest.ToByteArray()).ToByteString(),
        ManifestBytes = (ulong)release.Manifest.CalculateSize(),
        Counter = release.Manifest.Counter,
        Version = release.Manifest.Version,
    };

    /// <summary>Signs the next root with the keys that are now set.</summary>
    public void RotateRoot() => Roots.Add(SignRoot((ulong)Roots.Count + 1, [RootKey]));

    public Envelope SignRoot(ulong version, SigningKey[] signers, DateTimeOffset? expires = null)
    {
        var root = new TrustRoot
        {
            Version = version,
            IssuedUnixSeconds = Math.Min(
                _clock.Now.ToUnixTimeSeconds(), (expires?.ToUnixTimeSeconds() ?? long.MaxValue) - 1),
            ExpiresUnixSeconds = (expires ?? _clock.Now.AddYears(1)).ToUnixTimeSeconds(),
        };
        foreach (var (name, key) in new[] { ("root", RootKey), ("release", ReleaseKey), ("channel", ChannelKey) })
        {
            root.Roles.Add(new TrustRole
            {
                Name = name,
                Threshold = 1,
                Keys = { new TrustKey { Key = ByteString.CopyFrom(key.PublicKey.Span) } },
            });
        }
        Add(root.Roles[0], SpareRootKey, threshold: 2);
        Add(root.Roles[1], SpareReleaseKey, threshold: 1);
        return SignedDocument.Sign(PayloadTypes.Root, root.ToByteArray(), signers);
    }

    private static void Add(TrustRole role, SigningKey? key, uint threshold)
    {
        if (key is null)
            return;
        role.Keys.Add(new TrustKey { Key = ByteString.CopyFrom(key.PublicKey.Span) });
        role.Threshold = threshold;
    }

    public void Dispose()
    {
        RootKey.Dispose();
        ReleaseKey.Dispose();
        ChannelKey.Dispose();
    }
}
