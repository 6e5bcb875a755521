using System.Text;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;
using static ChunkOta.Tests.Protos.Documents.SampleDocuments;

namespace ChunkOta.Tests.Protos.Documents;

public sealed class SignedDocumentTests
{
    private static readonly byte[] Payload = "hello world"u8.ToArray();

    [Fact]
    public void What_is_signed_is_the_pre_authentication_encoding_of_DSSE()
    {
        // The example of the DSSE specification.
        var signed = SignedDocument.SignedBytes("http://example.com/HelloWorld", Payload);

        Assert.Equal("DSSEv1 29 http://example.com/HelloWorld 11 hello world", Encoding.UTF8.GetString(signed));
    }

    [Fact]
    public void Lengths_are_counted_in_bytes()
    {
        var signed = SignedDocument.SignedBytes("ä", "ö"u8);

        Assert.Equal("DSSEv1 2 ä 2 ö", Encoding.UTF8.GetString(signed));
    }

    [Fact]
    public void A_document_is_called_by_the_digest_of_its_payload_whoever_signed_it()
    {
        var one = SignedDocument.Sign(PayloadTypes.Manifest, Payload, ReleaseKey);
        var two = SignedDocument.Sign(PayloadTypes.Manifest, Payload, ReleaseKey, OtherKey);

        Assert.Equal(Digest.Of(Payload), SignedDocument.DigestOf(one));
        Assert.Equal(SignedDocument.DigestOf(one), SignedDocument.DigestOf(two));
    }

    [Fact]
    public void Signatures_are_sorted_by_key_and_a_key_given_twice_signs_once()
    {
        var envelope = SignedDocument.Sign(PayloadTypes.Manifest, Payload, RootKey, ReleaseKey, ChannelKey, RootKey);

        var keys = envelope.Signatures.Select(signature => signature.Key.ToByteArray()).ToArray();
        Assert.Equal(3, keys.Length);
        Assert.Equal(keys.OrderBy(Convert.ToHexString, StringComparer.Ordinal), keys);
    }

    [Fact]
    public void A_document_signed_by_the_role_is_accepted_beside_signatures_of_strangers()
    {
        var envelope = SignedDocument.Sign(PayloadTypes.Manifest, Payload, OtherKey, ReleaseKey);

        SignedDocument.CheckSignatures(envelope, PayloadTypes.Manifest, Role(1, ReleaseKey), null);
    }

    // Type confusion: only the diagonal is accepted.
    [Fact]
    public void No_kind_of_document_is_taken_for_another()
    {
        string[] types = [PayloadTypes.Manifest, PayloadTypes.Pointer, PayloadTypes.Root, PayloadTypes.DeviceCall,
            PayloadTypes.Enrol];
        foreach (var signed in types)
            foreach (var asked in types)
            {
                var envelope = SignedDocument.Sign(signed, Payload, ReleaseKey);
                var relabelled = envelope.Clone();
                relabelled.PayloadType = asked;
                if (signed == asked)
                    Check(envelope, asked);
                else
                {
                    Assert.Equal("SIG_INVALID", CodeOf(() => Check(envelope, asked)));
                    Assert.Equal("SIG_INVALID", CodeOf(() => Check(relabelled, asked)));
                }
            }

        static void Check(Envelope envelope, string type) =>
            SignedDocument.CheckSignatures(envelope, type, Role(1, ReleaseKey), null);
    }

    [Fact]
    public void Every_flipped_bit_of_the_payload_is_refused()
    {
        var envelope = SignedDocument.Sign(PayloadTypes.Manifest, Payload, ReleaseKey);
        for (var bit = 0; bit < Payload.Length * 8; bit++)
        {
            var changed = Payload.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            envelope.Payload = ByteString.CopyFrom(changed);
            Assert.Equal("SIG_INVALID", CodeOfCheck(envelope));
        }
    }

    [Fact]
    public void A_document_without_signatures_is_refused() =>
        Assert.Equal("SIG_INVALID", CodeOfCheck(new Envelope
        {
            PayloadType = PayloadTypes.Manifest,
            Payload = ByteString.CopyFrom(Payload),
        }));

    [Fact]
    public void A_document_signed_by_strangers_only_is_refused() =>
        Assert.Equal(
            "SIG_INVALID", CodeOfCheck(SignedDocument.Sign(PayloadTypes.Manifest, Payload, OtherKey, RootKey)));

    [Fact]
    public void A_wrong_signature_of_the_role_refuses_the_document_beside_a_right_one()
    {
        var envelope = SignedDocument.Sign(PayloadTypes.Manifest, Payload, ReleaseKey, ChannelKey);
        var wrong = envelope.Signatures.Single(
            signature => signature.Key.Span.SequenceEqual(ChannelKey.PublicKey.Span));
        wrong.Signature_ = envelope.Signatures.Single(signature => signature != wrong).Signature_;

        Assert.Equal("SIG_INVALID", CodeOf(() =>
            SignedDocument.CheckSignatures(envelope, PayloadTypes.Manifest, Role(1, ReleaseKey, ChannelKey), null)));
    }

    [Fact]
    public void Fewer_distinct_keys_than_the_threshold_are_refused()
    {
        var role = Role(2, ReleaseKey, ChannelKey, RootKey);
        var one = SignedDocument.Sign(PayloadTypes.Manifest, Payload, ReleaseKey, OtherKey);
        var two = SignedDocument.Sign(PayloadTypes.Manifest, Payload, ReleaseKey, RootKey);

        Assert.Equal("THRESHOLD", CodeOf(() => SignedDocument.CheckSignatures(one, PayloadTypes.Manifest, role, null)));
        SignedDocument.CheckSignatures(two, PayloadTypes.Manifest, role, null);
    }

    [Fact]
    public void The_same_key_twice_is_not_two_signatures()
    {
        var envelope = SignedDocument.Sign(PayloadTypes.Manifest, Payload, ReleaseKey);
        envelope.Signatures.Add(envelope.Signatures[0].Clone());

        Assert.Equal("SIG_INVALID", CodeOf(() =>
            SignedDocument.CheckSignatures(envelope, PayloadTypes.Manifest, Role(2, ReleaseKey, ChannelKey), null)));
    }

    [Fact]
    public void Signatures_out_of_order_are_refused()
    {
        var envelope = SignedDocument.Sign(PayloadTypes.Manifest, Payload, ReleaseKey, OtherKey);
        var reversed = envelope.Signatures.Reverse().ToArray();
        envelope.Signatures.Clear();
        envelope.Signatures.AddRange(reversed);

        Assert.Equal("SIG_INVALID", CodeOfCheck(envelope));
    }

    [Fact]
    public void Sixteen_signatures_are_accepted_and_ten_thousand_refused_unverified()
    {
        var strangers = Enumerable.Range(100, 15).Select(seed => KeyOf((byte)seed)).ToArray();
        var sixteen = SignedDocument.Sign(PayloadTypes.Manifest, Payload, [ReleaseKey, .. strangers]);
        var many = sixteen.Clone();
        while (many.Signatures.Count < 10_000)
            many.Signatures.Add(sixteen.Signatures[0]);

        SignedDocument.CheckSignatures(sixteen, PayloadTypes.Manifest, Role(1, ReleaseKey), null);
        Assert.Equal("TOO_MANY_SIGS", CodeOfCheck(many));
        Assert.Throws<ArgumentException>(
            () => SignedDocument.Sign(PayloadTypes.Manifest, Payload, [ReleaseKey, OtherKey, .. strangers]));
    }

    [Theory]
    [InlineData(31, 64)]
    [InlineData(33, 64)]
    [InlineData(32, 63)]
    [InlineData(32, 65)]
    [InlineData(0, 64)]
    [InlineData(32, 0)]
    public void A_key_or_signature_of_another_length_is_refused(int keyBytes, int signatureBytes)
    {
        var envelope = SignedDocument.Sign(PayloadTypes.Manifest, Payload, ReleaseKey);
        var signature = envelope.Signatures[0];
        signature.Key = Resized(signature.Key, keyBytes);
        signature.Signature_ = Resized(signature.Signature_, signatureBytes);

        Assert.Equal("SIG_INVALID", CodeOfCheck(envelope));
    }

    [Fact]
    public void A_key_that_is_limited_to_products_signs_for_no_other()
    {
        var role = new RoleKeys("release", 1, [TrustKeyOf(ReleaseKey, "demo", "other")]);
        var envelope = SignedDocument.Sign(PayloadTypes.Manifest, Payload, ReleaseKey);

        SignedDocument.CheckSignatures(envelope, PayloadTypes.Manifest, role, "demo");
        Assert.Equal("SIG_INVALID", CodeOf(() =>
            SignedDocument.CheckSignatures(envelope, PayloadTypes.Manifest, role, "third")));
    }

    [Fact]
    public void An_envelope_survives_its_JSON_form()
    {
        var envelope = SignedDocument.Sign(PayloadTypes.Manifest, Payload, ReleaseKey, OtherKey);

        var json = SignedDocument.ToJson(envelope);

        Assert.Equal(envelope, SignedDocument.FromJson(Encoding.UTF8.GetBytes(json)));
        Assert.Contains("\"payload\": \"aGVsbG8gd29ybGQ=\"", json, StringComparison.Ordinal);
        Assert.Contains(
            $"\"keyid\": \"{Convert.ToHexStringLower(ReleaseKey.PublicKey.Span)}\"", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"payload\":\"aGVsbG8=\"}")]
    [InlineData("{\"payload\":\"?\",\"payloadType\":\"x\",\"signatures\":[]}")]
    [InlineData("{\"payload\":\"aGVsbG8=\",\"payloadType\":\"x\",\"signatures\":[null]}")]
    [InlineData("{\"payload\":\"aGVsbG8=\",\"payloadType\":\"x\",\"signatures\":[{}]}")]
    [InlineData("{\"payload\":\"aGVsbG8=\",\"payloadType\":\"x\",\"signatures\":[{\"keyid\":\"xyz\",\"sig\":\"\"}]}")]
    [InlineData("{\"payload\":\"aGVsbG8=\",\"payloadType\":\"x\",\"signatures\":{}}")]
    [InlineData("{\"payload\":[[[[[[[[[[[]]]]]]]]]]]}")]
    public void What_is_not_an_envelope_in_JSON_is_refused(string json) =>
        Assert.Equal("SIG_INVALID", CodeOf(() => SignedDocument.FromJson(Encoding.UTF8.GetBytes(json))));

    [Fact]
    public void A_role_without_keys_with_a_key_twice_or_with_a_wrong_threshold_does_not_exist()
    {
        Assert.Equal("ROOT_INVALID", CodeOf(() => Role(0, ReleaseKey)));
        Assert.Equal("ROOT_INVALID", CodeOf(() => Role(2, ReleaseKey)));
        Assert.Equal("ROOT_INVALID", CodeOf(() => Role(1)));
        Assert.Equal("ROOT_INVALID", CodeOf(() => Role(2, ReleaseKey, ReleaseKey)));
        Assert.Equal("ROOT_INVALID", CodeOf(() => Role(uint.MaxValue, ReleaseKey)));
        Assert.Equal(
            "ROOT_INVALID", CodeOf(() => Role(1, [.. Enumerable.Range(1, 17).Select(seed => KeyOf((byte)seed))])));
    }

    private static ByteString Resized(ByteString bytes, int length)
    {
        var resized = bytes.ToByteArray();
        Array.Resize(ref resized, length);
        return ByteString.CopyFrom(resized);
    }

    private static RoleKeys Role(uint threshold, params SigningKey[] keys) =>
        new("release", threshold, [.. keys.Select(key => TrustKeyOf(key))]);

    private static string CodeOfCheck(Envelope envelope) =>
        CodeOf(() => SignedDocument.CheckSignatures(envelope, PayloadTypes.Manifest, Role(1, ReleaseKey), null));
}
