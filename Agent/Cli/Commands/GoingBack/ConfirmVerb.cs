namespace ChunkOta.Agent.Cli;

/// <summary><c>confirm</c>: says that the current release works.</summary>
/// <param name="context">The context.</param>
internal sealed class ConfirmVerb(AgentContext context) : SummaryVerb(
    context,
    "confirm",
    "Confirms that the current release works: an application calls it once it has started, or a person after looking "
    + "at it. Without a trial it changes nothing.")
{
    /// <inheritdoc/>
    protected override async Task<Func<ProductSummary, string>> ChangeAsync(UpdateAgent agent, string product)
    {
        var isKept = await agent.ConfirmAsync(product);
        return summary => isKept
            ? $"{product} {summary.Current?.FullVersion} is kept"
            : $"{product} {summary.Current?.FullVersion} is confirmed; other proofs are still missing";
    }
}
