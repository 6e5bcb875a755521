using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>products quota</c>: sets or removes the quota of a product.</summary>
internal sealed class ProductsQuotaVerb : AdminVerb
{
    private const string None = "none";

    private readonly EnvironmentArgument _product = EnvironmentArgument.Product();

    private readonly Argument<string> _size = new("SIZE")
    {
        Description = "The most bytes that the product may have on the server, such as 20GB; 'none' removes the quota.",
    };

    public ProductsQuotaVerb(AdminContext context) : base(context, "quota",
        "Sets the most bytes that a product may have on the server, as stored. A publish that needs more is refused "
        + "before it is stored, and again at its commit. What the product has stays.",
        "ota-admin products quota app 20GB",
        "ota-admin products quota app none")
    {
        Add(_product);
        Add(_size);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var product = parsed.GetRequiredValue(_product);
        Names.CheckProduct(product);
        var request = new SetQuotaRequest { Product = product };
        var text = parsed.GetRequiredValue(_size);
        if (text != None) request.QuotaBytes = Parse(text);

        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var use = await session.Administration.SetQuotaAsync(request, cancellationToken: cancellationToken);
        ulong? quota = request.HasQuotaBytes ? request.QuotaBytes : null;
        if (IsJson(parsed))
        {
            Terminal.WriteJson(
                new QuotaReport(product, quota, use.StoredBytes, use.PendingBytes), AdminJson.Default.QuotaReport);
            return;
        }

        var has = Printable.Bytes(use.StoredBytes + use.PendingBytes);
        Terminal.WriteLine(quota is { } bytes
            ? $"product {product} has {has} of {Printable.Bytes(bytes)}"
            : $"product {product} has {has} and no quota");
    }

    private static ulong Parse(string text) =>
        ByteSize.TryParse(text, out var bytes) && bytes is > 0 and <= long.MaxValue
            ? bytes
            : throw new ChunkOtaException(
                ErrorCodes.Usage, $"'{text}' is not a quota: write a size such as 20GB, or {None}");
}
