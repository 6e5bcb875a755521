namespace ChunkOta.Agent;

/// <summary>Asks the server for the reasons behind a plan, for a dry run.</summary>
/// <param name="service">The server.</param>
internal sealed class ExplainStep(IUpdateService service)
{
    /// <summary>Returns the steps of a plan, with the server's reasons where it gives any.</summary>
    /// <param name="update">The prepared update.</param>
    /// <param name="state">The record of what is installed.</param>
    public async Task<IReadOnlyList<FileStep>> RunAsync(
        PreparedUpdate update, ProductState state, CancellationToken cancellationToken)
    {
        var steps = update.Plan.Steps;
        if (state.Current is not { } from)
            return steps;
        var explanation = new PlanExplanation(steps);
        var left = update.Release.Entries.Count;
        try
        {
            var files = service.ExplainAsync(from, update.Release.Digest, cancellationToken);
            await foreach (var file in files.ConfigureAwait(false))
            {
                // One for each entry is the most that makes sense.
                if (left-- == 0)
                    return steps;
                explanation.Add(file.Path, file.Cause);
            }
        }
        catch (ChunkOtaException)
        {
            // A plan stands without its reasons: the server may have forgotten the release that runs here.
            return steps;
        }
        return explanation.Explain();
    }
}
