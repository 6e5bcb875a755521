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
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var agent = OpenAgent(parsed);
        var lines = Named(parsed, _product)
            .Select(facts => new VerifiedProduct(
                facts.Product, facts.Current?.Version ?? "", agent.Verify(facts.Product, cancellationToken)))
            .ToList();
        var damaged = lines.Sum(line => line.Damage.Count);
        var failure = damaged == 0 ? null : new ChunkOtaException(
            ErrorCodes.NotAsInstalled,
            $"{damaged} entries differ from their manifests: run ota-agent revert, then ota-agent upgrade");
        if (IsJson(parsed))
        {
            var report = failure is null ? null : ErrorReport.Of(failure);
            Terminal.WriteJson(new VerifyReport(failure is null, lines, report), ReportJson.Verify);
            return Task.FromResult(failure is null ? 0 : ExitCodes.NotAsInstalled);
        }
        foreach (var line in lines)
        {
            foreach (var damage in line.Damage)
                Terminal.WriteLine($"{line.Product} {line.Version}: {damage.Path}: {damage.What}");
            if (line.Damage.Count == 0)
                Terminal.WriteLine($"{line.Product} {line.Version} is as installed");
        }
        return failure is null ? Task.FromResult(0) : throw failure;
    }
}
