using System.CommandLine;
using ChunkOta.Client;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Admin;

/// <summary><c>products servers</c>: signs the next trust root, with the servers where devices find a
/// product.</summary>
internal sealed class ProductsServersVerb : NewRootVerb
{
    private const string KeyMark = ",sha256:";

    private readonly EnvironmentArgument _product = EnvironmentArgument.Product();

    private readonly Argument<string[]> _servers = new("URL")
    {
        Description = "The servers, in the order in which devices ask them. Without any, the list is removed. "
            + $"URL{KeyMark}HEX also names the server's TLS key, by the digest that the server prints when it starts.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public ProductsServersVerb(AdminContext context) : base(context, "servers",
        "Signs the next trust root, with the servers where devices find a product. All of them must serve the same "
        + "catalogue. Hand the root to the server with 'products root'.",
        "ota-admin products servers app https://a.example.com:7443 https://b.example.com:7443 --keys keys",
        "# Devices follow their present server again, and no other.",
        "ota-admin products servers app --keys keys")
    {
        Add(_product);
        Add(_servers);
        AddOptions();
    }

    protected override VerifiedRoot SignNext(
        ParseResult parsed, KeySource source, VerifiedRoot root, (DateTimeOffset Now, DateTimeOffset Expires) time)
    {
        var product = parsed.GetRequiredValue(_product);
        Names.CheckProduct(product);
        var list = new ProductServers
        {
            Product = product,
            Servers = { (parsed.GetValue(_servers) ?? []).Select(Parse) },
        };
        using var rootKey = source.Open(RoleKeys.RootRole, root, product: null);
        var next = RootSigning.WithServers(root, rootKey, list, time);
        source.Folder.Succeed(root, next);
        return next;
    }

    private static ListedServer Parse(string text)
    {
        var mark = text.IndexOf(KeyMark, StringComparison.Ordinal);
        var server = new ListedServer
        {
            Url = ServerAddress.Parse(mark < 0 ? text : text[..mark], allowPlaintext: true).ToString(),
        };
        if (mark < 0)
            return server;
        try
        {
            server.TlsKeySha256 = ByteString.CopyFrom(Convert.FromHexString(text.AsSpan(mark + KeyMark.Length)));
            return server;
        }
        catch (FormatException e)
        {
            throw new ChunkOtaException(
                ErrorCodes.Usage, $"'{text}' is not a server: write URL, or URL{KeyMark} and 64 hex digits", e);
        }
    }
}
