using System.CommandLine;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>anchors list</c>: what is pinned.</summary>
internal sealed class AnchorsList : Verb
{
    private readonly Argument<string?> _product = new("PRODUCT")
    {
        Description = "Only this product's.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _platform = new("--platform") { Description = "Only this platform's.", HelpName = "RID" };

    public AnchorsList(VerbContext context) : base(context, "list", "Lists the anchors, the newest release first.",
        "ota-admin anchors list",
        "ota-admin anchors list app --platform linux-x64 --json")
    {
        Add(_product);
        Add(_platform);
    }

    protected override async Task RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var session = OpenSession(parsed);
        var filter = new ListReleasesRequest
        {
            Product = parsed.GetValue(_product) ?? "",
            Platform = parsed.GetValue(_platform) ?? "",
            OnlyAnchors = true,
        };
        await Releases.PrintAsync(session, filter, IsJson(parsed), Terminal, cancellationToken);
    }
}
