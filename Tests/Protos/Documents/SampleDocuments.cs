using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Tests.Protos.Documents;

/// <summary>Small documents that keep every rule, with keys that are the same in every run.</summary>
internal static class SampleDocuments
{
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);

    public static readonly SigningKey RootKey = KeyOf(1);
    public static readonly SigningKey ReleaseKey = KeyOf(2);
    public static readonly SigningKey ChannelKey = KeyOf(3);
    public static readonly SigningKey OtherKey = KeyOf(4);

    public static VerifiedRoot TrustedRoot { get; } = VerifiedRoot.SelfSigned(Sign(Root(), RootKey));

    /// <summary>The key whose seed is 32 times this byte.</summary>
    public static SigningKey KeyOf(byte seed) => SigningKey.FromSeed(Enumerable.Repeat(seed, 32).ToArray());

    public static TrustKey TrustKeyOf(SigningKey key, params string[] products) =>
        new() { Key = ByteString.CopyFrom(key.PublicKey.Span), Products = { products } };

    public static TrustRoot Root() => new()
    {
        Version = 1,
        ExpiresUnixSeconds = Now.AddDays(365).ToUnixTimeSeconds(),
        Roles =
        {
            new TrustRole { Name = "root", Threshold = 1, Keys = { TrustKeyOf(RootKey) } },
            new TrustRole { Name = "release", Threshold = 1, Keys = { TrustKeyOf(ReleaseKey) } },
            new TrustRole { Name = "channel", Threshold = 1, Keys = { TrustKeyOf(ChannelKey) } },
        },
    };

    public static Manifest Manifest() => new()
    {
        Product = "demo",
        Platform = "linux-x64",
        Version = "1.2.3",
        Counter = 7,
        PublishedUnixSeconds = Now.ToUnixTimeSeconds(),
        Floor = 2,
        Cut = CutParameters.Default.ToDocument(),
        Notes = "First light.",
        HealthCommand = { "bin/demo", "--check" },
        Portable = true,
        Entries =
        {
            File("bin/demo", 5, executable: true),
            new Entry { Path = "cache", Kind = EntryKind.EmptyDirectory },
            new Entry { Path = "demo", Kind = EntryKind.SymbolicLink, LinkTarget = "bin/demo" },
            new Entry { Path = "empty", Kind = EntryKind.File },
            LargeFile("lib/big.so", 300_000),
        },
    };

    /// <summary>A file of one chunk whose content is as many times the letter a.</summary>
    public static Entry File(string path, int size, bool executable = false) => new()
    {
        Path = path,
        Kind = EntryKind.File,
        Size = (ulong)size,
        Executable = executable,
        Digest = size == 0 ? ByteString.Empty : Digest.Of(Content(size)).ToByteString(),
    };

    /// <summary>A file that needs a recipe.</summary>
    public static Entry LargeFile(string path, int size)
    {
        var entry = File(path, size);
        entry.Recipe = RecipeOf(size).Digest.ToByteString();
        return entry;
    }

    /// <summary>A recipe of chunks of 64 KiB and a rest.</summary>
    public static Recipe RecipeOf(int size)
    {
        var content = Content(size);
        var chunks = content.Chunk(64 * 1024).Select(chunk => new ChunkRef(Digest.Of(chunk), chunk.Length));
        return Recipe.Of([.. chunks]);
    }

    public static ChannelPointer Pointer() => new()
    {
        Product = "demo",
        Platform = "linux-x64",
        Channel = "stable",
        Seq = 12,
        IssuedUnixSeconds = Now.ToUnixTimeSeconds(),
        ExpiresUnixSeconds = Now.AddDays(7).ToUnixTimeSeconds(),
        Current = TargetOf(Sign(Manifest(), ReleaseKey)),
        Floor = 2,
    };

    public static PointerTarget TargetOf(Envelope manifest) => new()
    {
        ManifestDigest = SignedDocument.DigestOf(manifest).ToByteString(),
        ManifestBytes = (ulong)manifest.Payload.Length,
        Counter = ChunkOta.Protos.Manifest.Parser.ParseFrom(manifest.Payload).Counter,
        Version = ChunkOta.Protos.Manifest.Parser.ParseFrom(manifest.Payload).Version,
    };

    public static Envelope Sign(TrustRoot root, params SigningKey[] keys) =>
        SignedDocument.Sign(PayloadTypes.Root, root.ToByteArray(), keys);

    public static Envelope Sign(Manifest manifest, params SigningKey[] keys) =>
        SignedDocument.Sign(PayloadTypes.Manifest, manifest.ToByteArray(), keys);

    public static Envelope Sign(ChannelPointer pointer, params SigningKey[] keys) =>
        SignedDocument.Sign(PayloadTypes.Pointer, pointer.ToByteArray(), keys);

    /// <summary>The code of what an action throws.</summary>
    public static string CodeOf(Action action) => Assert.ThrowsAny<ChunkOtaException>(action).Code;

    private static byte[] Content(int size) => Enumerable.Repeat((byte)'a', size).ToArray();
}
