using System.CommandLine;

namespace ChunkOta.Agent.Cli;

/// <summary><c>revert</c>: makes the release before the current one again, without a server.</summary>
internal sealed class Revert : Verb
{
    private readonly Argument<string> _product = Product();

    /// <summary>Makes the command.</summary>
    public Revert(VerbContext context)
        : base(
            context,
            "revert",
            "Makes the release before the current one again; no server is asked.",
            "ota-agent revert editor") =>
        Add(_product);

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var product = parsed.GetRequiredValue(_product);
        var products = OpenProducts(parsed);
        var before = products.Get(product).Current?.Version ?? "";
        var now = products.Revert(product, cancellationToken);
        if (IsJson(parsed))
            Terminal.WriteJson(new RevertAnswer(product, now.Version, before), CliJson.Default.RevertAnswer);
        else
            Terminal.WriteLine($"reverted {product} {now.Version}");
        return Task.FromResult(0);
    }
}
