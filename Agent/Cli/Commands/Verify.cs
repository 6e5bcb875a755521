using System.CommandLine;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary><c>verify</c>: hashes installed releases again; 10 when one is not as it was installed.</summary>
internal sealed class Verify : Verb
{
    private readonly Argument<string?> _product = OptionalProduct();

    /// <summary>Makes the command.</summary>
    public Verify(VerbContext context)
        : base(
            context,
            "verify",
            "Compares installed releases with their manifests, byte by byte; exits with 10 when one differs.",
            "ota-agent verify",
            "ota-agent verify editor --json") =>
        Add(_product);

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var products = OpenProducts(parsed);
        var lines = Named(parsed, _product)
            .Select(facts => new VerifyLine(
                facts.Product, facts.Current?.Version ?? "", products.Verify(facts.Product, cancellationToken)))
            .ToList();
        var damaged = lines.Sum(line => line.Damage.Count);
        var failure = damaged == 0 ? null : new ChunkOtaException(
            ErrorCodes.NotAsInstalled, $"entries that are not as they were installed: {damaged}");
        if (IsJson(parsed))
        {
            var report = failure is null ? null : ErrorReport.Of(failure);
            Terminal.WriteJson(new VerifyAnswer(failure is null, lines, report), CliJson.Default.VerifyAnswer);
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
