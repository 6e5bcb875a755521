using ChunkOta.Protos;
using ChunkOta.Tests.Support;
using Google.Protobuf;
using static ChunkOta.Tests.Protos.Documents.SampleDocuments;

namespace ChunkOta.Tests.Protos.Documents;

public sealed class VerifiedManifestTests
{
    [Fact]
    public void A_manifest_that_keeps_the_rules_is_believed()
    {
        var envelope = Sign(Manifest(), ReleaseKey);

        var manifest = VerifiedManifest.Verify(envelope, SampleDocuments.TrustedRoot);

        Assert.Equal(SignedDocument.DigestOf(envelope), manifest.Digest);
        Assert.Equal(envelope.Payload.Length, manifest.PayloadBytes);
        Assert.Equal("1.2.3", manifest.Version.ToString());
        Assert.Equal(300_005, manifest.TreeBytes);
        Assert.Equal(16 * 1024, manifest.Cut.Min);
    }

    [Fact]
    public void Neither_root_nor_channel_key_signs_a_manifest()
    {
        Assert.Equal("SIG_INVALID", CodeOf(() => Verify(Sign(Manifest(), RootKey, ChannelKey, OtherKey))));
    }

    // A validly signed manifest with every bit of its payload flipped, one by one: the signature holds for none.
    [Fact]
    public void Every_flipped_bit_of_a_manifest_is_refused_by_its_signature()
    {
        var envelope = Sign(Manifest(), ReleaseKey);
        var payload = envelope.Payload.ToByteArray();
        for (var bit = 0; bit < payload.Length * 8; bit++)
        {
            payload[bit / 8] ^= (byte)(1 << (bit % 8));
            envelope.Payload = ByteString.CopyFrom(payload);
            Assert.Equal("SIG_INVALID", CodeOf(() => Verify(envelope)));
            payload[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Nothing_is_parsed_before_the_signature_is_right()
    {
        var nonsense = SignedDocument.Sign(PayloadTypes.Manifest, [0xff], OtherKey);

        Assert.Equal("SIG_INVALID", CodeOf(() => Verify(nonsense)));
        Assert.Equal(
            "MANIFEST_INVALID", CodeOf(() => Verify(SignedDocument.Sign(PayloadTypes.Manifest, [0xff], ReleaseKey))));
    }

    [Fact]
    public void Too_long_a_manifest_is_refused_before_its_signature_is_looked_at()
    {
        var envelope = Sign(Manifest(), OtherKey);
        var limits = new ManifestLimits(envelope.Payload.Length - 1, 10);

        Assert.Equal("TOO_LARGE", CodeOf(() => VerifiedManifest.Verify(envelope, SampleDocuments.TrustedRoot, limits)));
    }

    [Fact]
    public void Entries_are_counted_before_they_become_objects()
    {
        // A million entries of nothing in 2 MB: as objects they would be a hundred times that.
        var payload = Enumerable.Repeat(new byte[] { 0x62, 0 }, 1_000_000).SelectMany(entry => entry).ToArray();
        var envelope = SignedDocument.Sign(PayloadTypes.Manifest, payload, ReleaseKey);
        Verify(Sign(Manifest(), ReleaseKey));

        var before = GC.GetAllocatedBytesForCurrentThread();
        var code = CodeOf(() => Verify(envelope));
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal("PATH_MANY", code);
        Assert.True(allocated < 8_000_000, $"{allocated} bytes were allocated"); // the signed bytes are a copy
    }

    [Fact]
    public void A_release_has_as_many_entries_as_the_limit_and_no_more()
    {
        var envelope = Sign(Manifest(), ReleaseKey);
        var entries = Manifest().Entries.Count;

        VerifiedManifest.Verify(envelope, SampleDocuments.TrustedRoot, new ManifestLimits(1 << 20, entries));
        Assert.Equal("PATH_MANY", CodeOf(() =>
            VerifiedManifest.Verify(envelope, SampleDocuments.TrustedRoot, new ManifestLimits(1 << 20, entries - 1))));
    }

    [Fact]
    public void A_release_key_that_is_limited_to_products_signs_no_other()
    {
        var root = Root();
        root.Roles[1].Keys[0].Products.Add("other");
        var verified = VerifiedRoot.SelfSigned(Sign(root, RootKey));
        var manifest = Manifest();

        Assert.Equal("SIG_INVALID", CodeOf(() => VerifiedManifest.Verify(Sign(manifest, ReleaseKey), verified)));
        manifest.Product = "other";
        Assert.Equal("other", VerifiedManifest.Verify(Sign(manifest, ReleaseKey), verified).Value.Product);
    }

    [Fact]
    public void Unknown_fields_are_kept_and_do_no_harm()
    {
        var payload = Manifest().ToByteArray().Concat(new byte[] { 0xa2, 0x06, 3, 1, 2, 3 }).ToArray(); // field 100
        var envelope = SignedDocument.Sign(PayloadTypes.Manifest, payload, ReleaseKey);

        var manifest = VerifiedManifest.Verify(envelope, SampleDocuments.TrustedRoot);

        Assert.Equal(payload, manifest.Value.ToByteArray());
    }

    [Fact]
    public void A_manifest_of_another_product_or_platform_is_the_wrong_one()
    {
        var manifest = Verify(Sign(Manifest(), ReleaseKey));
        var forAny = Manifest();
        forAny.Platform = "any";

        manifest.CheckFor("demo", "linux-x64");
        Verify(Sign(forAny, ReleaseKey)).CheckFor("demo", "linux-arm64");
        Assert.Equal("WRONG_TARGET", CodeOf(() => manifest.CheckFor("demo", "linux-arm64")));
        Assert.Equal("WRONG_TARGET", CodeOf(() => manifest.CheckFor("other", "linux-x64")));
    }

    // Protobuf reads bytes that are no UTF-8 as U+FFFD, which no path may hold.
    [Theory]
    [InlineData(0xff)]
    [InlineData(0xc0)]
    [InlineData(0x80)]
    public void A_path_that_is_no_UTF_8_is_refused(byte bad)
    {
        byte[] entry = [0x0a, 2, (byte)'a', bad, 0x10, 1];
        var head = Manifest();
        head.Entries.Clear();
        head.HealthCommand.Clear();
        byte[] payload = [.. head.ToByteArray(), 0x62, (byte)entry.Length, .. entry];

        var code = CodeOf(() => Verify(SignedDocument.Sign(PayloadTypes.Manifest, payload, ReleaseKey)));

        Assert.Contains(code, new[] { "PATH_CHARS", "MANIFEST_INVALID" });
    }

    // Whatever bytes a thief of the release key signs, the answer is a refusal or a manifest, never another failure.
    [Fact]
    [Trait("Category", "Random")]
    public void Random_damage_under_a_valid_signature_is_refused_or_harmless()
    {
        var random = Rounds.Random(20261121);
        var honest = Manifest().ToByteArray();
        var refused = 0;
        for (var round = 0; round < Rounds.Of(4_000); round++)
        {
            var payload = honest.ToList();
            for (var damage = random.Next(1, 4); damage > 0; damage--)
                Damage(payload, random);
            var envelope = SignedDocument.Sign(PayloadTypes.Manifest, payload.ToArray(), ReleaseKey);
            var failure = Record.Exception(() => Verify(envelope));
            if (failure is not null)
                Assert.IsType<ManifestInvalidException>(failure);
            refused += failure is null ? 0 : 1;
        }
        Assert.InRange(refused, Rounds.Of(1_000), Rounds.Of(3_999));
    }

    private static void Damage(List<byte> payload, Random random)
    {
        var at = random.Next(payload.Count);
        switch (random.Next(4))
        {
            case 0:
                payload[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                payload.RemoveRange(at, Math.Min(random.Next(1, 9), payload.Count - at));
                break;
            case 2:
                payload.InsertRange(at, payload.GetRange(0, random.Next(1, 9)));
                break;
            default:
                payload[at] = (byte)random.Next(256);
                break;
        }
        if (payload.Count == 0)
            payload.Add(0);
    }

    private static VerifiedManifest Verify(Envelope envelope) =>
        VerifiedManifest.Verify(envelope, SampleDocuments.TrustedRoot);
}
