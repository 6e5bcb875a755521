using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>products root</c>: hands a product's new trust root to the server.</summary>
internal sealed class ProductsRootVerb : AdminVerb
{
    private readonly EnvironmentArgument _product = EnvironmentArgument.Product();

    private readonly Option<string> _root = new("--root")
    {
        Description = "The newest trust root, which 'keys renew' or 'keys rotate' made; its predecessors root.N.json "
            + "are beside it.",
        HelpName = "FILE",
        Required = true,
    };

    public ProductsRootVerb(AdminContext context) : base(context, "root",
        "Hands a product's new trust roots to the server, which verifies each by its predecessor. Devices follow the "
        + "chain at their next check. The same again is fine.",
        "ota-admin products root app --root keys/root.json")
    {
        Add(_product);
        Add(_root);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var product = parsed.GetRequiredValue(_product);
        Names.CheckProduct(product);
        var chain = KeyFolder.ReadChain(parsed.GetRequiredValue(_root));
        var root = chain[^1];
        root.CheckFresh(Clock.GetUtcNow());
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var listed = await session.Administration.ListProductsAsync(
            new ListProductsRequest(), cancellationToken: cancellationToken);
        var known = listed.Products.FirstOrDefault(of => of.Name == product)
            ?? throw new ChunkOtaException(ErrorCodes.ProductUnknown, $"the server has no product {product}");
        var added = await HandOverAsync(session, known, chain, parsed, cancellationToken);
        var warnings = await FindUnsignedAsync(session, product, root, cancellationToken);
        var report = new ProductRootReport(
            product, root.Version, root.Digest.ToString(), root.Value.ExpiresUnixSeconds, added, warnings);
        if (IsJson(parsed))
        {
            Terminal.WriteJson(report, AdminJson.Default.ProductRootReport);
            return;
        }
        Terminal.WriteLine(
            $"product {product} {(added == 0 ? "already has" : "has")} root {root.Version} {report.RootDigest}, valid "
            + "until " + Printable.Time(report.RootExpiresUnixSeconds));
        Warn(warnings);
    }

    private async Task<int> HandOverAsync(
        Session session, Product known, IReadOnlyList<VerifiedRoot> chain, ParseResult parsed,
        CancellationToken cancellationToken)
    {
        var newest = chain[^1];
        if (newest.Version < known.RootVersion)
        {
            throw new ChunkOtaException(ErrorCodes.RootChain,
                $"the server has trust root {known.RootVersion} of {known.Name}, and "
                + $"'{parsed.GetRequiredValue(_root)}' is {newest.Version}: use the newest root.json");
        }
        var missing = chain.Where(root => root.Version > known.RootVersion).ToList();
        if (missing is [var first, ..] && first.Version != known.RootVersion + 1)
        {
            throw new ChunkOtaException(ErrorCodes.RootChain,
                $"the server has trust root {known.RootVersion} of {known.Name}: put "
                + $"root.{known.RootVersion + 1}.json and those after it beside '{parsed.GetRequiredValue(_root)}'");
        }
        // All in one call: only the last one must not have expired.
        var answer = await session.Administration.PutRootsAsync(
            new PutRootsRequest
            {
                Product = known.Name,
                Roots = { missing.DefaultIfEmpty(newest).Select(root => root.Envelope) },
            },
            cancellationToken: cancellationToken);
        return (int)answer.Added;
    }

    /// <summary>Finds the channels that devices cannot follow under the new root until they are renewed.</summary>
    private static async Task<IReadOnlyList<string>> FindUnsignedAsync(
        Session session, string product, VerifiedRoot root, CancellationToken cancellationToken)
    {
        var listed = await session.Administration.ListChannelsAsync(
            new ListChannelsRequest { Product = product }, cancellationToken: cancellationToken);
        return [.. listed.Channels.Where(channel => !IsSigned(channel.Pointer, root)).Select(channel =>
            $"the pointer of channel {channel.Name} ({channel.Platform}) was signed by a key that this root does not "
            + $"list: ota-admin channels renew {product} {channel.Name} --platform {channel.Platform}")];
    }

    private static bool IsSigned(Envelope pointer, VerifiedRoot root)
    {
        try
        {
            VerifiedPointer.Verify(pointer, root);
            return true;
        }
        catch (SignatureRejectedException)
        {
            return false;
        }
    }
}
