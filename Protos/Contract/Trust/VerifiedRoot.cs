using ChunkOta.Chunking;
using Google.Protobuf;

namespace ChunkOta.Protos;

/// <summary>A trusted root: pinned, or signed by the keys of the previous root, and by its own keys.</summary>
public sealed class VerifiedRoot
{
    /// <summary>The longest payload of a trust root, in bytes.</summary>
    public const int MaxPayloadBytes = 64 * 1024;

    private static readonly string[] RoleNames = [RoleKeys.RootRole, RoleKeys.ReleaseRole, RoleKeys.ChannelRole];

    private readonly Dictionary<string, RoleKeys> _roles;

    private VerifiedRoot(Envelope envelope, TrustRoot value)
    {
        Envelope = envelope;
        Value = value;
        Digest = SignedDocument.DigestOf(envelope);
        _roles = ReadRoles(value);
        ServerRules.Check(value.Servers);
        if (value.Version == 0)
            throw Invalid("its version is missing");
        if (!UnixTime.IsValid(value.ExpiresUnixSeconds))
            throw Invalid($"it expires at {value.ExpiresUnixSeconds}, which is not a valid time");
        if (value.IssuedUnixSeconds < 0 || value.IssuedUnixSeconds >= value.ExpiresUnixSeconds)
            throw Invalid("it does not expire after it was issued");
        SignedDocument.CheckSignatures(envelope, PayloadTypes.Root, Keys(RoleKeys.RootRole), null);
    }

    /// <summary>The parsed document. Must not be changed.</summary>
    public TrustRoot Value { get; }

    /// <summary>The document as it came, to be stored and passed on verbatim.</summary>
    public Envelope Envelope { get; }

    /// <summary>The document's name: the digest of its payload.</summary>
    public Digest Digest { get; }

    /// <summary>Its number in the chain, from 1.</summary>
    public ulong Version => Value.Version;

    /// <summary>The time of its expiry.</summary>
    public DateTimeOffset Expires => DateTimeOffset.FromUnixTimeSeconds(Value.ExpiresUnixSeconds);

    /// <summary>When it was signed, by the publisher's clock; 1970 when it does not say.</summary>
    public DateTimeOffset Issued => DateTimeOffset.FromUnixTimeSeconds(Value.IssuedUnixSeconds);

    /// <summary>The root that this device pinned, from an install token or an installer.</summary>
    /// <param name="envelope">What came.</param>
    /// <param name="pinned">The digest of the payload of the only root that will do.</param>
    /// <exception cref="ChunkOtaException">TOO_LARGE, ROOT_CHAIN: another root; ROOT_INVALID; or as
    /// signatures.</exception>
    public static VerifiedRoot First(Envelope envelope, Digest pinned)
    {
        CheckLength(envelope);
        var actual = SignedDocument.DigestOf(envelope);
        if (actual != pinned)
            throw new ChunkOtaException(ErrorCodes.RootChain,
                $"the trust root {actual} is not the pinned one, {pinned}");
        return Parse(envelope);
    }

    /// <summary>The root that follows another: signed by the root keys of both.</summary>
    /// <param name="envelope">What came.</param>
    /// <param name="previous">The root that is trusted now.</param>
    /// <exception cref="ChunkOtaException">
    /// TOO_LARGE; ROOT_CHAIN: not the next version; ROOT_INVALID; or as signatures.
    /// </exception>
    public static VerifiedRoot Next(Envelope envelope, VerifiedRoot previous)
    {
        ArgumentNullException.ThrowIfNull(previous);
        CheckLength(envelope);
        SignedDocument.CheckSignatures(envelope, PayloadTypes.Root, previous.Keys(RoleKeys.RootRole), null);
        var next = Parse(envelope);
        return next.Version == checked(previous.Version + 1)
            ? next
            : throw new ChunkOtaException(ErrorCodes.RootChain,
                $"trust root {next.Version} does not follow {previous.Version}");
    }

    /// <summary>
    /// A root that nothing but its own root keys vouches for: the publisher's own file, a new product's.
    /// </summary>
    /// <param name="envelope">The received document; nothing in it is trusted before.</param>
    /// <exception cref="ChunkOtaException">TOO_LARGE, ROOT_INVALID, or as signatures.</exception>
    public static VerifiedRoot SelfSigned(Envelope envelope)
    {
        CheckLength(envelope);
        return Parse(envelope);
    }

    /// <summary>The keys of a role.</summary>
    /// <param name="role">One of the role names of <see cref="RoleKeys"/>.</param>
    /// <exception cref="ArgumentException">There is no such role.</exception>
    public RoleKeys Keys(string role) =>
        _roles.GetValueOrDefault(role) ?? throw new ArgumentException($"There is no role {role}.", nameof(role));

    /// <summary>Lists the servers of a product in the order in which a device asks them; empty where the root names
    /// none.</summary>
    /// <param name="product">The product's name.</param>
    public IReadOnlyList<ListedServer> ServersOf(string product)
    {
        foreach (var listed in Value.Servers)
        {
            if (listed.Product == product)
                return listed.Servers;
        }
        return [];
    }

    /// <summary>Refuses a root that has expired. Intermediate ones of a chain may have.</summary>
    /// <param name="now">The clock.</param>
    /// <exception cref="ChunkOtaException">ROOT_EXPIRED.</exception>
    public void CheckFresh(DateTimeOffset now)
    {
        if (now >= Expires)
            throw new ChunkOtaException(ErrorCodes.RootExpired,
                $"trust root {Version} expired on {UnixTime.Text(Expires)}: its publisher must sign a new one");
    }

    /// <summary>Refuses a root that was issued too far ahead of a clock.</summary>
    /// <param name="now">The clock.</param>
    /// <param name="owner">The machine that has it: <c>the server</c>.</param>
    /// <exception cref="ChunkOtaException">ISSUED_AHEAD.</exception>
    public void CheckIssued(DateTimeOffset now, string owner) =>
        ClockRules.CheckIssued($"trust root {Version}", Issued, now, owner);

    private static void CheckLength(Envelope envelope)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        if (envelope.Payload.Length > MaxPayloadBytes)
            throw new ChunkOtaException(ErrorCodes.TooLarge,
                $"a trust root of {SizeText.Of(envelope.Payload.Length)} is above the limit of "
                + SizeText.Of(MaxPayloadBytes));
    }

    private static VerifiedRoot Parse(Envelope envelope)
    {
        try
        {
            return new VerifiedRoot(envelope, TrustRoot.Parser.ParseFrom(envelope.Payload));
        }
        catch (InvalidProtocolBufferException)
        {
            throw Invalid("the payload is not a TrustRoot message");
        }
    }

    private static Dictionary<string, RoleKeys> ReadRoles(TrustRoot root)
    {
        var roles = new Dictionary<string, RoleKeys>(RoleNames.Length);
        foreach (var role in root.Roles)
        {
            if (!RoleNames.Contains(role.Name))
                throw Invalid($"it has a role \"{OneLine.Of(role.Name)}\", which does not exist");
            CheckProducts(role);
            if (!roles.TryAdd(role.Name, new RoleKeys(role.Name, role.Threshold, role.Keys)))
                throw Invalid($"it has the role {role.Name} twice");
        }
        foreach (var name in RoleNames)
            if (!roles.ContainsKey(name))
                throw Invalid($"it lacks the role {name}");
        return roles;
    }

    private static void CheckProducts(TrustRole role)
    {
        foreach (var key in role.Keys)
        {
            if (role.Name == RoleKeys.RootRole && key.Products.Count > 0)
                throw Invalid("a root key is limited to products");
            foreach (var product in key.Products)
                if (!Names.IsValid(product))
                    throw Invalid($"\"{OneLine.Of(product)}\" is not a product name");
        }
    }

    private static ChunkOtaException Invalid(string why) =>
        new(ErrorCodes.RootInvalid, $"the trust root breaks a rule: {why}");
}

/// <summary>The rules for the servers that a trust root lists.</summary>
internal static class ServerRules
{
    private const int MaxProducts = 64;
    private const int MaxServers = 8;
    private const int MaxUrlCharacters = 256;
    private const int KeyDigestBytes = 32;

    /// <summary>Checks all lists of a root.</summary>
    /// <exception cref="ChunkOtaException">ROOT_INVALID.</exception>
    public static void Check(IReadOnlyList<ProductServers> lists)
    {
        if (lists.Count > MaxProducts)
            throw Invalid($"it lists servers of {lists.Count} products, above the limit of {MaxProducts}");
        var products = new HashSet<string>(StringComparer.Ordinal);
        foreach (var list in lists)
        {
            if (!Names.IsValid(list.Product))
                throw Invalid($"\"{OneLine.Of(list.Product)}\" is not a product name");
            if (!products.Add(list.Product))
                throw Invalid($"it lists the servers of {list.Product} twice");
            if (list.Servers.Count is 0 or > MaxServers)
                throw Invalid($"it lists {list.Servers.Count} servers of {list.Product}, not 1 to {MaxServers}");
            foreach (var server in list.Servers)
                Check(server);
        }
    }

    private static void Check(ListedServer server)
    {
        if (server.Url.Length > MaxUrlCharacters || !IsAddress(server.Url))
            throw Invalid($"\"{OneLine.Of(server.Url)}\" is not the address of a server");
        if (server.TlsKeySha256.Length is not (0 or KeyDigestBytes))
            throw Invalid($"the digest of a TLS key is {server.TlsKeySha256.Length} bytes");
    }

    private static bool IsAddress(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Host.Length > 0
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && uri.AbsolutePath == "/" && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0;

    private static ChunkOtaException Invalid(string why) =>
        new(ErrorCodes.RootInvalid, $"the trust root breaks a rule: {why}");
}
