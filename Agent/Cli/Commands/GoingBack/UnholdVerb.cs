namespace ChunkOta.Agent.Cli;

/// <summary><c>unhold</c>: lets a product follow its channel again.</summary>
/// <param name="context">The context.</param>
internal sealed class UnholdVerb(AgentContext context) : SummaryVerb(
    context,
    "unhold",
    "Lets a product follow its channel again: after hold, after revert, and after a release that did not work here.")
{
    /// <inheritdoc/>
    protected override Task<Func<ProductSummary, string>> ChangeAsync(UpdateAgent agent, string product)
    {
        agent.Unhold(product);
        return Task.FromResult<Func<ProductSummary, string>>(summary => $"{product} follows {summary.Channel} again");
    }
}
