using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary><c>verify</c>: hashes installed releases again; exit code 10 when one differs from its manifest.</summary>
internal sealed class VerifyVerb : AgentVerb
{
    private readonly Argument<string?> _product = OptionalProduct();

    /// <summary>Makes the command.</summary>
    public VerifyVerb(AgentContext context)
        : base(
            context,
            "verify",
            "Compares installed releases with their manifests, byte by byte; exits with 10 if one differs.",
            "ota-agent verify",
            "ota-agent verify editor --json") =>
        Add(_product);

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var agent = OpenAgent(parsed);
        var lines = new List<VerifiedProduct>();
        var failures = await ForEachAsync(parsed, _product, product =>
        {
            var version = agent.Get(product).Current?.Version ?? "";
            var (damage, extra) = agent.Verify(product, cancellationToken);
            lines.Add(new VerifiedProduct(product, version, damage, extra));
            return Task.CompletedTask;
        });
        var damaged = lines.Sum(line => line.Damage.Count);
        var failure = damaged == 0 ? null : new ChunkOtaException(
            ErrorCodes.NotAsInstalled,
            $"{damaged} entries differ from their manifests: run ota-agent repair");
        var exit = ExitCodes.Worst([failures.ExitCode, failure is null ? 0 : ExitCodes.NotAsInstalled]);
        if (IsJson(parsed))
        {
            var error = failure is not null && exit == ExitCodes.NotAsInstalled
                ? ErrorReport.Of(failure)
                : failures.Worst;
            Terminal.WriteJson(new VerifyReport(error is null, lines, failures.Failed, error), ReportJson.Verify);
            return exit;
        }
        foreach (var line in lines)
        {
            foreach (var damage in line.Damage)
                Terminal.WriteLine($"{line.Product} {line.Version}: {damage.Path}: {damage.What}");
            if (line.Damage.Count == 0)
                Terminal.WriteLine($"{line.Product} {line.Version} is as installed");
            foreach (var path in line.Extra)
                Terminal.WriteLine($"{line.Product} {line.Version}: extra: {OneLine.Of(path)}");
        }
        if (failure is not null)
            Terminal.WriteFailure(failure);
        return exit;
    }
}
