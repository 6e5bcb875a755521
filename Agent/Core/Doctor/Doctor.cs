using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Examines everything that an update needs, and puts right what is safe to put right.</summary>
/// <remarks>Reads only, unless it fixes: it works on a full disk and on a read-only home.</remarks>
/// <param name="home">The agent's folder.</param>
/// <param name="trustStore">The trust state on disk.</param>
/// <param name="options">The agent's settings.</param>
/// <param name="clock">The clock.</param>
internal sealed class Doctor(AgentHome home, TrustStore trustStore, AgentOptions options, TimeProvider clock)
{
    /// <summary>Makes all checks.</summary>
    /// <param name="only">The one product to examine; null for every installed one.</param>
    /// <param name="fixes">True to put right what is safe to put right.</param>
    /// <param name="known">Findings of the caller, which the report begins with.</param>
    public async Task<DoctorReport> RunAsync(
        string? only, bool fixes, IReadOnlyList<DoctorFinding> known, CancellationToken cancellationToken)
    {
        var findings = new FindingList(known);
        if (new HomeChecks(home, findings, fixes).Run())
        {
            var trust = new TrustChecks(home, trustStore, options, clock, findings);
            trust.CheckKey();
            trust.CheckClock();
            var server = new ServerCheck(
                new EnrolledServer(home, trustStore, options, clock), clock, findings);
            foreach (var name in only is null ? home.Products() : [only])
            {
                cancellationToken.ThrowIfCancellationRequested();
                findings.Product = name;
                var product = new LocalProduct(home.Of(name), clock, options.Products.GetValueOrDefault(name));
                if (new ProductChecks(product, name, findings, fixes).Run(cancellationToken) is not { } state)
                    continue;
                trust.CheckTrust(product, state);
                await server.RunAsync(state, cancellationToken).ConfigureAwait(false);
            }
        }
        return new DoctorReport(findings.All, WorstOf(findings.All));
    }

    private static ErrorReport? WorstOf(IReadOnlyList<DoctorFinding> findings)
    {
        var errors = findings.Where(finding => finding.Code is not null).ToList();
        var worst = ExitCodes.Worst(errors.Select(finding => ExitCodes.Of(finding.Code!)));
        if (errors.Find(finding => ExitCodes.Of(finding.Code!) == worst) is not { Code: { } code } found)
            return null;
        var about = found.Product is null ? found.Name : $"{found.Product}: {found.Name}";
        return ErrorReport.Of(new ChunkOtaException(code, $"{about}: {found.Text}") { Hint = found.Fix });
    }
}
