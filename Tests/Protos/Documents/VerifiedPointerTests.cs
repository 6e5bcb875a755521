using ChunkOta.Protos;
using Google.Protobuf;
using static ChunkOta.Tests.Protos.Documents.SampleDocuments;

namespace ChunkOta.Tests.Protos.Documents;

public sealed class VerifiedPointerTests
{
    [Fact]
    public void A_pointer_that_keeps_the_rules_is_believed()
    {
        var pointer = Verify(Pointer());

        Assert.Equal(12UL, pointer.Value.Seq);
        Assert.Equal(Now, pointer.Issued);
        pointer.CheckFor("demo", "linux-x64", "stable");
    }

    [Fact]
    public void Neither_root_nor_release_key_signs_a_pointer() =>
        Assert.Equal("SIG_INVALID", CodeOf(() =>
            VerifiedPointer.Verify(Sign(Pointer(), RootKey, ReleaseKey, OtherKey), SampleDocuments.TrustedRoot)));

    [Theory]
    [InlineData("other", "linux-x64", "stable")]
    [InlineData("demo", "linux-arm64", "stable")]
    [InlineData("demo", "linux-x64", "beta")]
    public void A_pointer_of_another_product_platform_or_channel_is_the_wrong_one(
        string product, string platform, string channel) =>
        Assert.Equal("WRONG_TARGET", CodeOf(() => Verify(Pointer()).CheckFor(product, platform, channel)));

    [Fact]
    public void A_pointer_expires_to_the_second()
    {
        var pointer = Verify(Pointer());

        pointer.CheckFresh(pointer.Expires.AddTicks(-1));
        Assert.Equal("EXPIRED", CodeOf(() => pointer.CheckFresh(pointer.Expires)));
    }

    [Fact]
    public void A_lower_number_is_a_rollback_and_the_same_number_must_be_the_same_bytes()
    {
        var accepted = Verify(Pointer());
        var older = Pointer();
        older.Seq--;
        var twin = Pointer();
        twin.ExpiresUnixSeconds++;
        var newer = Pointer();
        newer.Seq++;

        Verify(newer).CheckFollows(accepted);
        Verify(Pointer()).CheckFollows(accepted);
        Assert.Equal("ROLLBACK", CodeOf(() => Verify(older).CheckFollows(accepted)));
        Assert.Equal("EQUIVOCATION", CodeOf(() => Verify(twin).CheckFollows(accepted)));
    }

    [Fact]
    public void A_pointer_of_another_channel_follows_none()
    {
        var other = Pointer();
        other.Channel = "beta";
        other.Seq = 1000;

        Assert.Equal("WRONG_TARGET", CodeOf(() => Verify(other).CheckFollows(Verify(Pointer()))));
    }

    [Fact]
    public void A_withdrawn_release_and_one_below_the_floor_are_not_allowed()
    {
        var manifest = VerifiedManifest.Verify(Sign(Manifest(), ReleaseKey), SampleDocuments.TrustedRoot);
        var next = Manifest();
        next.Version = "2.0.0";
        next.Counter = 9;
        var pointer = Pointer();
        pointer.Current = TargetOf(Sign(next, ReleaseKey));

        Verify(pointer).CheckAllows(manifest);
        pointer.Floor = 8;
        Assert.Equal("ROLLBACK", CodeOf(() => Verify(pointer).CheckAllows(manifest)));
        pointer.Floor = 0;
        pointer.Revoked.Add(manifest.Digest.ToByteString());
        Assert.Equal("REVOKED", CodeOf(() => Verify(pointer).CheckAllows(manifest)));
    }

    public static TheoryData<string, Action<ChannelPointer>> Broken => new()
    {
        { "no product", pointer => pointer.Product = "" },
        { "a platform that is no name", pointer => pointer.Platform = "linux/x64" },
        { "a channel that is no name", pointer => pointer.Channel = "Stable" },
        { "no number", pointer => pointer.Seq = 0 },
        { "no time of issue", pointer => pointer.IssuedUnixSeconds = 0 },
        { "no expiry", pointer => pointer.ExpiresUnixSeconds = 0 },
        { "an expiry at its issue", pointer => pointer.ExpiresUnixSeconds = pointer.IssuedUnixSeconds },
        { "an expiry after the year 9999", pointer => pointer.ExpiresUnixSeconds = long.MaxValue },
        { "no release", pointer => pointer.Current = null },
        { "a short digest", pointer => pointer.Current.ManifestDigest = ByteString.CopyFrom(new byte[31]) },
        { "no digest", pointer => pointer.Current.ManifestDigest = ByteString.Empty },
        { "no length", pointer => pointer.Current.ManifestBytes = 0 },
        { "a length of 2^31", pointer => pointer.Current.ManifestBytes = 1UL << 31 },
        { "no counter", pointer => pointer.Current.Counter = 0 },
        { "a counter below the floor", pointer => pointer.Floor = pointer.Current.Counter + 1 },
        { "no version", pointer => pointer.Current.Version = "" },
        { "a candidate without a rollout", pointer => pointer.Candidate = pointer.Current.Clone() },
        { "a rollout without a candidate", pointer => pointer.RolloutId = "r1" },
        { "a rollout that is no name",
            pointer => { pointer.Candidate = pointer.Current.Clone(); pointer.RolloutId = "R 1"; } },
        { "a broken candidate", pointer => { pointer.Candidate = new(); pointer.RolloutId = "r1"; } },
        { "65 withdrawn releases", pointer => pointer.Revoked.AddRange(
            Enumerable.Range(0, 65).Select(_ => ByteString.CopyFrom(new byte[32]))) },
        { "a withdrawn release with a short digest", pointer => pointer.Revoked.Add(
            ByteString.CopyFrom(new byte[16])) },
        { "its own release withdrawn", pointer => pointer.Revoked.Add(pointer.Current.ManifestDigest) },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_pointer_that_breaks_a_rule_is_invalid(string what, Action<ChannelPointer> breakIt)
    {
        var pointer = Pointer();
        breakIt(pointer);

        Assert.True(CodeOf(() => Verify(pointer)) == "POINTER_INVALID", what);
    }

    [Fact]
    public void A_candidate_with_its_rollout_is_accepted()
    {
        var pointer = Pointer();
        pointer.Candidate = pointer.Current.Clone();
        pointer.RolloutId = "2026-11-21.a";

        Assert.Equal("2026-11-21.a", Verify(pointer).Value.RolloutId);
    }

    [Fact]
    public void Too_long_a_pointer_is_refused_unverified()
    {
        var envelope = SignedDocument.Sign(
            PayloadTypes.Pointer, new byte[VerifiedPointer.MaxPayloadBytes + 1], OtherKey);

        Assert.Equal("TOO_LARGE", CodeOf(() => VerifiedPointer.Verify(envelope, SampleDocuments.TrustedRoot)));
    }

    [Fact]
    public void What_is_no_protobuf_message_is_refused() =>
        Assert.Equal("POINTER_INVALID", CodeOf(() => VerifiedPointer.Verify(
            SignedDocument.Sign(PayloadTypes.Pointer, [0xff, 1], ChannelKey), SampleDocuments.TrustedRoot)));

    private static VerifiedPointer Verify(ChannelPointer pointer) =>
        VerifiedPointer.Verify(Sign(pointer, ChannelKey), SampleDocuments.TrustedRoot);
}
