using System.CommandLine;
using ChunkOta.Chunking;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary><c>status</c>: shows what runs; exits with 3 if something has expired, 4 if a release is
/// withdrawn.</summary>
internal sealed class StatusVerb : AgentVerb
{
    private readonly Argument<string?> _product = OptionalProduct();

    /// <summary>Makes the command.</summary>
    public StatusVerb(AgentContext context)
        : base(
            context,
            "status",
            "Shows what runs and whether it can be updated; exits with 3 if its channel or trust root has expired, "
            + "with 4 if a release was withdrawn, with the code of the refusal if the last check was refused, and with "
            + "12 if a first release failed its health check.",
            "ota-agent status",
            "ota-agent status editor --json") =>
        Add(_product);

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var agent = OpenAgent(parsed);
        var products = new List<ProductSummary>();
        var failures = await ForEachAsync(parsed, _product, product =>
        {
            products.Add(agent.Get(product));
            return Task.CompletedTask;
        });
        if (IsJson(parsed))
            Terminal.WriteJson(new InstalledList(products, failures.Failed, failures.Worst), ReportJson.Products);
        else
        {
            foreach (var product in products)
            {
                Terminal.WriteLine($"{product.Product} {product.Current?.FullVersion ?? "none"} {Word(product)}");
                var trust = product.ServerTrust is { } known ? $", trusted by {known}" : "";
                Terminal.WriteLine($"  follows {product.Channel} at {product.Server}{trust}");
                if (product.Run?.Describe() is { } run)
                    Terminal.WriteLine($"  {run}");
                if (product.Staged is { } staged)
                    Terminal.WriteLine($"  {staged.Version} {StagedWord(product.Product, staged)}");
                foreach (var rejected in product.Rejected.Where(one => one.ManifestDigest != Current(product)))
                    Terminal.WriteLine($"  not installed again: {rejected.Version}: {rejected.Cause ?? "reverted"}");
                foreach (var warning in product.Warnings)
                    Terminal.Error.WriteLine($"warning: {OneLine.Of(warning)}");
            }
        }
        return ExitCodes.Worst(products.Select(ExitCodeOf).Append(failures.ExitCode));
    }

    private static Digest? Current(ProductSummary product) => product.Current?.ManifestDigest;

    private static int ExitCodeOf(ProductSummary product) => product switch
    {
        { IsStale: true } => ExitCodes.Expired,
        { IsWithdrawn: true } => ExitCodes.Refused,
        { RefusedCode: { } code } => ExitCodes.Of(code),
        { HealthFailure: not null } => ExitCodes.Of(ErrorCodes.HealthFailed),
        _ => ExitCodes.Success,
    };

    private static string StagedWord(string product, StagedSummary staged) => staged switch
    {
        { IsQuestion: true } => $"waits for consent: ota-agent consent {product} --yes, --no or --later",
        { IsConsented: false } => "is downloaded and was refused",
        _ => "is downloaded",
    };

    private static string Word(ProductSummary product) => product switch
    {
        { IsInterrupted: true } => "interrupted: run upgrade again",
        { IsWithdrawn: true } => "WITHDRAWN by its publisher: run upgrade",
        { IsStale: true } => $"STALE: {product.Problem}",
        { RefusedCode: not null } => $"REFUSED: {product.RefusedCode}: {product.Problem}",
        { HealthFailure: { } cause } => $"FAILED: {cause}; there was no release to go back to",
        { IsOnTrial: true } => "on trial: it has yet to prove that it works",
        { HeldSinceUnixSeconds: not null } => "held",
        _ => "ok",
    };
}
