using System.CommandLine;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>The arguments by which a verb is told which releases to list.</summary>
internal sealed class ReleaseFilter
{
    private readonly Argument<string?> _product = new Argument<string?>("PRODUCT")
    {
        Description = "Only this product's.",
        Arity = ArgumentArity.ZeroOrOne,
    }.FromEnvironment("OTA_PRODUCT");

    private readonly Option<string?> _platform = new Option<string?>("--platform")
    {
        Description = "Only this platform's.",
        HelpName = "RID",
    }.FromEnvironment("OTA_PLATFORM");

    public void AddTo(Command command)
    {
        command.Add(_product);
        command.Add(_platform);
    }

    /// <summary>Lets through what was asked for.</summary>
    public ListReleasesRequest Read(ParseResult parsed) => new()
    {
        Product = parsed.GetValue(_product) ?? "",
        Platform = parsed.GetValue(_platform) ?? "",
    };
}
