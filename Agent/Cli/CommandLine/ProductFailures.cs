using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary>The failures of a run over all products: each is written when it happens, unless the answer is JSON.
/// </summary>
/// <param name="terminal">Gets the lines.</param>
/// <param name="isJson">The answer is JSON: nothing is written here.</param>
internal sealed class ProductFailures(Terminal terminal, bool isJson)
{
    private readonly List<FailedProduct> _failed = [];

    /// <summary>The products that failed, in order.</summary>
    public IReadOnlyList<FailedProduct> Failed => _failed;

    /// <summary>The exit code of the worst failure; 0 for none.</summary>
    public int ExitCode => ExitCodes.Worst(_failed.Select(failed => ExitCodes.Of(failed.Error.Code)));

    /// <summary>The worst failure; null for none.</summary>
    public ErrorReport? Worst => _failed.Find(failed => ExitCodes.Of(failed.Error.Code) == ExitCode)?.Error;

    /// <summary>Does something for one product, and keeps its failure.</summary>
    /// <returns>False when a signal ended it: the products that follow must not have their turn.</returns>
    public async Task<bool> TryAsync(string product, Func<string, Task> action)
    {
        try
        {
            await action(product);
            return true;
        }
        catch (Exception e)
        {
            var known = KnownFailure.Of(e, "interrupted: it has not changed, and products after it were left out");
            var failure = new ChunkOtaException(known.Code, $"{product}: {known.Message}", e) { Hint = known.Hint };
            _failed.Add(new FailedProduct(product, ErrorReport.Of(failure)));
            if (!isJson)
                terminal.WriteFailure(failure);
            return failure.Code != ErrorCodes.Interrupted;
        }
    }
}
