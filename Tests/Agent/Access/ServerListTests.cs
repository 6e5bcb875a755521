using ChunkOta.Agent;
using ChunkOta.Client;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Tests.Agent.Access;

/// <summary>The means by which a device verifies each server of the publisher's signed list.</summary>
public sealed class ServerListTests : IDisposable
{
    private const string First = "https://a.example.org";
    private const string Second = "https://b.example.org";
    private static readonly string FirstKey = new('a', 64);
    private static readonly string SecondKey = new('b', 64);

    private readonly SigningKey _key = SigningKey.Generate();

    public void Dispose() => _key.Dispose();

    [Fact]
    public void A_server_without_a_key_in_the_list_is_verified_by_the_key_that_this_device_knows_of_it()
    {
        var accesses = List(Second, SecondKey, [(First, null), (Second, SecondKey)]);

        Assert.Equal([First, Second], accesses.Select(access => access.Address.ToString()));
        Assert.Equal([FirstKey, SecondKey], accesses.Select(access => access.Identity.SpkiSha256));
        Assert.Equal(FirstKey, accesses[0].Trust!.SpkiSha256);
    }

    [Fact]
    public void A_server_that_is_new_is_verified_as_the_one_that_is_followed()
    {
        var accesses = List(First, FirstKey, [("https://new.example.org", null), (First, null)]);

        Assert.Equal([FirstKey, FirstKey], accesses.Select(access => access.Identity.SpkiSha256));
    }

    [Fact]
    public void A_key_in_the_list_comes_before_the_one_that_this_device_knows()
    {
        var accesses = List(Second, SecondKey, [(First, new string('c', 64))]);

        Assert.Equal(new string('c', 64), accesses.Single(access => access.Address.ToString() == First)
            .Identity.SpkiSha256);
    }

    [Fact]
    public void Authorities_of_the_operator_come_before_every_key()
    {
        var accesses = List(Second, null, [(First, FirstKey)], ca: "PEM");

        Assert.All(accesses, access => Assert.Equal(new ServerIdentity(null, "PEM"), access.Identity));
    }

    [Theory]
    [InlineData(ErrorCodes.ServerUnavailable, true)]
    [InlineData(ErrorCodes.TlsRefused, true)]
    [InlineData(ErrorCodes.SigInvalid, true)]
    [InlineData(ErrorCodes.Rollback, true)]
    [InlineData(ErrorCodes.Expired, true)]
    [InlineData(ErrorCodes.ChunkMissing, true)]
    [InlineData(ErrorCodes.VersionUnknown, true)]
    [InlineData(ErrorCodes.DiskFull, false)]
    [InlineData(ErrorCodes.HookFailed, false)]
    [InlineData(ErrorCodes.HealthFailed, false)]
    [InlineData(ErrorCodes.ImageUnfit, false)]
    [InlineData(ErrorCodes.Busy, false)]
    public void Another_server_is_asked_if_this_one_has_nothing_that_the_device_accepts(string code, bool isWorth) =>
        Assert.Equal(isWorth, ServerList.IsWorthAnother(code));

    /// <summary>Lists the servers for a device that was enrolled at the first one by its key.</summary>
    private IReadOnlyList<ServerAccess> List(
        string followed, string? followedKey, (string Url, string? Key)[] listed, string? ca = null)
    {
        var root = SignRoot(listed);
        var enrolled = RecordOf(First, root) with { SpkiSha256 = FirstKey };
        var trust = RecordOf(followed, root) with { SpkiSha256 = followedKey, CaPem = ca };
        var access = new ServerAccess
        {
            Product = "editor",
            Address = ServerAddress.Parse(followed, allowPlaintext: false),
            Trust = trust,
            Identity = ServerIdentity.Of(trust),
            IsEnrolled = true,
        };
        return ServerList.Of(
            access,
            new TrustDocument().With(enrolled).With(trust),
            new UpdateRequest { Product = "editor" },
            new AgentOptions { Home = "/nowhere" });
    }

    private static TrustRecord RecordOf(string server, byte[] root) => new()
    {
        Server = server,
        Product = "editor",
        DeviceId = "device-1",
        Channel = "stable",
        PinnedRoot = default,
        Root = root,
    };

    private byte[] SignRoot((string Url, string? Key)[] servers)
    {
        var root = new TrustRoot { Version = 1, IssuedUnixSeconds = 1, ExpiresUnixSeconds = 1_900_000_000 };
        foreach (var name in new[] { "root", "release", "channel" })
        {
            root.Roles.Add(new TrustRole
            {
                Name = name,
                Threshold = 1,
                Keys = { new TrustKey { Key = ByteString.CopyFrom(_key.PublicKey.Span) } },
            });
        }
        var list = new ProductServers { Product = "editor" };
        foreach (var (url, key) in servers)
        {
            list.Servers.Add(new ListedServer
            {
                Url = url,
                TlsKeySha256 = key is null ? ByteString.Empty : ByteString.CopyFrom(Convert.FromHexString(key)),
            });
        }
        root.Servers.Add(list);
        return SignedDocument.Sign(PayloadTypes.Root, root.ToByteArray(), _key).ToByteArray();
    }
}
