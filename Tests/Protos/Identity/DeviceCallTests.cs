using System.Text;
using ChunkOta.Protos;
using ChunkOta.Tests.Protos.Documents;

namespace ChunkOta.Tests.Protos.Identity;

public sealed class DeviceCallTests
{
    private const string Method = "/chunkota.v1.Devices/Report";
    private const string Authority = "ota.example:7443";

    private static readonly byte[] Nonce = [.. Enumerable.Range(0, 16).Select(value => (byte)value)];
    private static readonly SigningKey Key = SampleDocuments.KeyOf(40);
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);

    [Fact]
    public void A_signed_call_is_verified()
    {
        var value = DeviceCall.Sign(Key, "device-1", Method, Authority, Now, Nonce);

        var header = DeviceCall.Parse(value);

        Assert.Equal("device-1", header.DeviceId);
        Assert.Equal(Now, header.Time);
        Assert.Equal(Nonce, header.Nonce.ToArray());
        Assert.True(header.IsSignedBy(Key.PublicKey.Span, Method, Authority));
    }

    [Fact]
    public void What_is_signed_is_as_the_proto_file_says()
    {
        var header = DeviceCall.Parse(DeviceCall.Sign(Key, "device-1", Method, Authority, Now, Nonce));

        Assert.Equal(
            "DSSEv1 39 application/vnd.chunkota.device-call.v1 90 "
            + "v1;device-1;1790000000;AAECAwQFBgcICQoLDA0ODw;/chunkota.v1.Devices/Report;ota.example:7443",
            Encoding.UTF8.GetString(DeviceCall.SignedBytes(header, Method, Authority)));
    }

    [Fact]
    public void A_signature_holds_for_one_method_one_authority_and_one_key()
    {
        var header = DeviceCall.Parse(DeviceCall.Sign(Key, "device-1", Method, Authority, Now, Nonce));

        Assert.False(header.IsSignedBy(Key.PublicKey.Span, "/chunkota.v1.Devices/Enrol", Authority));
        Assert.False(header.IsSignedBy(Key.PublicKey.Span, Method, "other.example:7443"));
        Assert.False(header.IsSignedBy(SampleDocuments.OtherKey.PublicKey.Span, Method, Authority));
        Assert.False(header.IsSignedBy([], Method, Authority));
    }

    [Fact]
    public void A_path_with_a_semicolon_does_not_pass_for_an_authority()
    {
        var header = DeviceCall.Parse(DeviceCall.Sign(Key, "device-1", "GET /a;b", "c", Now, Nonce));

        Assert.True(header.IsSignedBy(Key.PublicKey.Span, "GET /a;b", "c"));
        Assert.False(header.IsSignedBy(Key.PublicKey.Span, "GET /a", "b;c"));
        Assert.Throws<ArgumentException>(() => DeviceCall.Sign(Key, "device-1", "GET /a", "b;c", Now, Nonce));
    }

    [Fact]
    public void No_part_of_a_header_can_be_exchanged()
    {
        var parts = DeviceCall.Sign(Key, "device-1", Method, Authority, Now, Nonce).Split(';');
        var other = DeviceCall.Sign(Key, "device-2", Method, Authority, Now.AddSeconds(1), new byte[16]).Split(';');
        for (var part = 1; part < parts.Length; part++)
        {
            var mixed = parts.ToArray();
            mixed[part] = other[part];
            Assert.False(DeviceCall.Parse(string.Join(';', mixed)).IsSignedBy(Key.PublicKey.Span, Method, Authority));
        }
    }

    [Theory]
    [InlineData(-121, false)]
    [InlineData(-120, true)]
    [InlineData(0, true)]
    [InlineData(120, true)]
    [InlineData(121, false)]
    public void A_call_is_timely_within_two_minutes(int seconds, bool isTimely)
    {
        var header = DeviceCall.Parse(DeviceCall.Sign(Key, "device-1", Method, Authority, Now, Nonce));

        Assert.Equal(isTimely, header.IsTimely(Now.AddSeconds(seconds)));
    }

    [Fact]
    public void Two_calls_at_the_same_moment_bear_different_nonces() =>
        Assert.NotEqual(
            DeviceCall.Sign(Key, "device-1", Method, Authority, Now),
            DeviceCall.Sign(Key, "device-1", Method, Authority, Now));

    public static TheoryData<string> Malformed()
    {
        var right = DeviceCall.Sign(Key, "device-1", Method, Authority, Now, Nonce);
        var parts = right.Split(';');
        string With(int part, string text) =>
            string.Join(';', parts.Select((old, index) => index == part ? text : old));
        return
        [
            "", "v1", "v1;;;;", right + ";", right[..^1], right + "=", " " + right, right + "\n",
            With(0, "v2"), With(0, "V1"), With(1, ""), With(1, "Device-1"), With(1, "../x"), With(1, "a\u0000"),
            With(2, ""), With(2, "-1"), With(2, "+1790000000"), With(2, "01790000000"), With(2, " 1790000000"),
            With(2, "1790000000.5"), With(2, "999999999999"), With(2, "١٧٩"),
            With(3, ""), With(3, "AAAA"), With(3, "AAECAwQFBgcICQoLDA0OD!"), With(3, "AAECAwQFBgcICQoLDA0OD/"),
            With(3, "AAECAwQFBgcICQoLDA0ODx"), With(4, ""), With(4, "AAAA"),
        ];
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_header_of_another_form_is_refused(string value) =>
        Assert.Equal("DEVICE_UNKNOWN", Assert.Throws<ChunkOtaException>(() => DeviceCall.Parse(value)).Code);

    [Fact]
    public void Neither_a_bad_id_nor_a_bad_nonce_is_signed()
    {
        Assert.Equal("NAME_INVALID", Assert.Throws<ChunkOtaException>(() =>
            DeviceCall.Sign(Key, "a;b", Method, Authority, Now, Nonce)).Code);
        Assert.Throws<ArgumentException>(() => DeviceCall.Sign(Key, "a", Method, Authority, Now, Nonce.AsSpan(1)));
    }
}
