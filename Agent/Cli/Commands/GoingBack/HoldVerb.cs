namespace ChunkOta.Agent.Cli;

/// <summary><c>hold</c>: keeps a product at its release until <c>unhold</c>.</summary>
/// <param name="context">The context.</param>
internal sealed class HoldVerb(AgentContext context) : SummaryVerb(
    context,
    "hold",
    "Keeps a product at its current release until unhold: upgrades leave it alone. An install or upgrade that names a "
    + "version still changes it.")
{
    /// <inheritdoc/>
    protected override Task<Func<ProductSummary, string>> ChangeAsync(UpdateAgent agent, string product)
    {
        agent.Hold(product);
        return Task.FromResult<Func<ProductSummary, string>>(
            summary => $"{product} is held at {summary.Current?.FullVersion}");
    }
}
