using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;
using static ChunkOta.Tests.Protos.Documents.SampleDocuments;

namespace ChunkOta.Tests.Protos.Documents;

public sealed class VerifiedRootTests
{
    [Fact]
    public void A_pinned_root_is_believed_and_no_other()
    {
        var envelope = Sign(Root(), RootKey);
        var pinned = SignedDocument.DigestOf(envelope);

        var root = VerifiedRoot.First(envelope, pinned);

        Assert.Equal(1UL, root.Version);
        Assert.Equal(pinned, root.Digest);
        Assert.Equal("ROOT_CHAIN", CodeOf(() => VerifiedRoot.First(envelope, Digest.Of("other"u8))));
    }

    [Fact]
    public void A_pinned_root_must_be_signed_by_its_own_root_key_all_the_same()
    {
        var envelope = Sign(Root(), ReleaseKey);

        Assert.Equal("SIG_INVALID", CodeOf(() => VerifiedRoot.First(envelope, SignedDocument.DigestOf(envelope))));
        Assert.Equal("SIG_INVALID", CodeOf(() => VerifiedRoot.SelfSigned(envelope)));
    }

    [Fact]
    public void A_root_lists_the_servers_of_a_product_in_order()
    {
        var value = Root();
        value.Servers.Add(ServersOf("app", "https://b.example.com:7443", "https://a.example.com"));

        var root = VerifiedRoot.SelfSigned(Sign(value, RootKey));

        Assert.Equal(
            ["https://b.example.com:7443", "https://a.example.com"],
            root.ServersOf("app").Select(server => server.Url));
        Assert.Empty(root.ServersOf("other"));
    }

    [Theory]
    [InlineData("ftp://a.example.com")]
    [InlineData("https://a.example.com/path")]
    [InlineData("https://user@a.example.com")]
    [InlineData("https://a.example.com/?query")]
    [InlineData("a.example.com")]
    [InlineData("")]
    public void What_is_not_the_address_of_a_server_is_refused(string url)
    {
        var value = Root();
        value.Servers.Add(ServersOf("app", url));

        Assert.Equal("ROOT_INVALID", CodeOf(() => VerifiedRoot.SelfSigned(Sign(value, RootKey))));
    }

    [Fact]
    public void Lists_of_servers_have_limits()
    {
        foreach (var (rule, lists) in new (string, ProductServers[])[]
        {
            ("twice", [ServersOf("app", "https://a"), ServersOf("app", "https://b")]),
            ("none", [ServersOf("app")]),
            ("nine", [ServersOf("app", [.. Enumerable.Range(0, 9).Select(i => $"https://a{i}")])]),
            ("name", [ServersOf("no product", "https://a")]),
            ("long", [ServersOf("app", $"https://{new string('a', 250)}")]),
            ("key", [new ProductServers
            {
                Product = "app",
                Servers = { new ListedServer { Url = "https://a", TlsKeySha256 = ByteString.CopyFrom(new byte[31]) } },
            }]),
        })
        {
            var value = Root();
            value.Servers.Add(lists);

            Assert.Equal(
                (rule, "ROOT_INVALID"), (rule, CodeOf(() => VerifiedRoot.SelfSigned(Sign(value, RootKey)))));
        }
    }

    private static ProductServers ServersOf(string product, params string[] urls) => new()
    {
        Product = product,
        Servers = { urls.Select(url => new ListedServer { Url = url }) },
    };

    [Fact]
    public void The_next_root_is_signed_by_the_keys_of_both()
    {
        var first = VerifiedRoot.SelfSigned(Sign(Root(), RootKey));
        var rotated = Root();
        rotated.Version = 2;
        rotated.Roles[0].Keys[0] = TrustKeyOf(OtherKey);

        Assert.Equal(2UL, VerifiedRoot.Next(Sign(rotated, RootKey, OtherKey), first).Version);
        Assert.Equal("SIG_INVALID", CodeOf(() => VerifiedRoot.Next(Sign(rotated, RootKey), first)));
        Assert.Equal("SIG_INVALID", CodeOf(() => VerifiedRoot.Next(Sign(rotated, OtherKey), first)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(ulong.MaxValue)]
    public void No_root_skips_a_version_or_comes_twice(ulong version)
    {
        var first = VerifiedRoot.SelfSigned(Sign(Root(), RootKey));
        var other = Root();
        other.Version = version;

        Assert.Equal("ROOT_CHAIN", CodeOf(() => VerifiedRoot.Next(Sign(other, RootKey), first)));
    }

    [Fact]
    public void A_root_expires_to_the_second()
    {
        var root = VerifiedRoot.SelfSigned(Sign(Root(), RootKey));

        root.CheckFresh(root.Expires.AddTicks(-1));
        Assert.Equal("ROOT_EXPIRED", CodeOf(() => root.CheckFresh(root.Expires)));
    }

    public static TheoryData<string, Action<TrustRoot>> Broken => new()
    {
        { "no version", root => root.Version = 0 },
        { "no expiry", root => root.ExpiresUnixSeconds = 0 },
        { "an expiry before 1970", root => root.ExpiresUnixSeconds = -1 },
        { "an expiry after the year 9999", root => root.ExpiresUnixSeconds = long.MaxValue },
        { "no channel role", root => root.Roles.RemoveAt(2) },
        { "a role twice", root => root.Roles.Add(root.Roles[1].Clone()) },
        { "an unknown role", root => root.Roles.Add(
            new TrustRole { Name = "boss", Threshold = 1, Keys = { TrustKeyOf(OtherKey) } }) },
        { "a role without a name", root => root.Roles[1].Name = "" },
        { "a threshold of nothing", root => root.Roles[0].Threshold = 0 },
        { "a threshold of nothing elsewhere", root => root.Roles[1].Threshold = 0 },
        { "a threshold above the keys", root => root.Roles[0].Threshold = 2 },
        { "a role without keys", root => root.Roles[2].Keys.Clear() },
        { "a key twice", root => { root.Roles[0].Keys.Add(TrustKeyOf(RootKey)); root.Roles[0].Threshold = 2; } },
        { "a short key", root => root.Roles[1].Keys[0].Key = ByteString.CopyFrom(new byte[31]) },
        { "a root key for one product", root => root.Roles[0].Keys[0].Products.Add("demo") },
        { "a product that is no name", root => root.Roles[1].Keys[0].Products.Add("../demo") },
        { "seventeen keys", root => root.Roles[1].Keys.AddRange(
            Enumerable.Range(50, 16).Select(seed => TrustKeyOf(KeyOf((byte)seed)))) },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_root_that_breaks_a_rule_is_refused(string what, Action<TrustRoot> breakIt)
    {
        var root = Root();
        breakIt(root);

        Assert.True(CodeOf(() => VerifiedRoot.SelfSigned(Sign(root, RootKey))) == "ROOT_INVALID", what);
    }

    [Fact]
    public void A_root_of_64_KiB_is_read_and_a_longer_one_is_not_even_hashed()
    {
        var root = Root();
        var role = root.Roles[1];
        while (root.CalculateSize() < VerifiedRoot.MaxPayloadBytes)
            role.Keys[0].Products.Add("p" + role.Keys[0].Products.Count);

        Assert.True(root.CalculateSize() > VerifiedRoot.MaxPayloadBytes);
        Assert.Equal("TOO_LARGE", CodeOf(() => VerifiedRoot.SelfSigned(Sign(root, RootKey))));
        role.Keys[0].Products.RemoveAt(0);
        role.Keys[0].Products.RemoveAt(0);
        Assert.True(root.CalculateSize() <= VerifiedRoot.MaxPayloadBytes);
        Assert.Equal(1UL, VerifiedRoot.SelfSigned(Sign(root, RootKey)).Version);
    }

    [Fact]
    public void What_is_no_protobuf_message_is_refused()
    {
        var envelope = SignedDocument.Sign(PayloadTypes.Root, [0xff, 0xff, 0xff], RootKey);

        Assert.Equal("ROOT_INVALID", CodeOf(() => VerifiedRoot.SelfSigned(envelope)));
    }

    [Fact]
    public void A_threshold_of_two_takes_two_keys()
    {
        var root = Root();
        root.Roles[0].Keys.Add(TrustKeyOf(OtherKey));
        root.Roles[0].Threshold = 2;

        Assert.Equal("THRESHOLD", CodeOf(() => VerifiedRoot.SelfSigned(Sign(root, RootKey))));
        Assert.Equal(2, VerifiedRoot.SelfSigned(Sign(root, RootKey, OtherKey)).Keys("root").Threshold);
    }
}
