using System.CommandLine;
using ChunkOta.Chunking;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>products create</c>: registers a product with its publisher's trust root.</summary>
internal sealed class ProductsCreateVerb : AdminVerb
{
    private readonly EnvironmentArgument _name = EnvironmentArgument.Product(
        "NAME", "a to z, 0 to 9, '.', '_', '-'; at most 64 characters.");

    private readonly Option<string> _root = new("--root")
    {
        Description = "The trust root that 'keys init' made.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<CutParameters?> _cut = new("--cut")
    {
        Description = "How files are cut, for as long as the product lives: MIN/AVG/MAX, 16K/64K/256K by default.",
        HelpName = "MIN/AVG/MAX",
        CustomParser = OptionParsers.Cut,
    };

    public ProductsCreateVerb(AdminContext context) : base(context, "create",
        "Registers a product with its publisher's trust root. The same again is fine.",
        "ota-admin products create app --root keys/root.json",
        "# Many small files that change a little: cut finer.",
        "ota-admin products create assets --root keys/root.json --cut 4K/16K/64K")
    {
        Add(_name);
        Add(_root);
        Add(_cut);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var name = parsed.GetRequiredValue(_name);
        Names.CheckProduct(name);
        var root = KeyFolder.ReadRoot(parsed.GetRequiredValue(_root));
        root.CheckFresh(Clock.GetUtcNow());
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var created = await session.Administration.CreateProductAsync(new CreateProductRequest
        {
            Name = name,
            Root = root.Envelope,
            Cut = parsed.GetValue(_cut)?.ToDocument(),
        }, cancellationToken: cancellationToken);
        if (IsJson(parsed))
            Terminal.WriteJson(
                new ProductReport(name, root.Digest.ToString(), created.AlreadyThere), AdminJson.Default.ProductReport);
        else
            Terminal.WriteLine(
                $"product {name} {(created.AlreadyThere ? "is there already" : "created")} root {root.Digest}");
    }
}
