using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Server.Core;

namespace ChunkOta.Server;

/// <summary>A verb of ota-server: it succeeds, or throws what the operator reads.</summary>
internal abstract class ServerVerb(
    VerbContext context, string name, string description, params ReadOnlySpan<string> examples)
    : Verb(context, name, description, examples)
{
    protected sealed override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(parsed, cancellationToken);
            return Protos.ExitCodes.Success;
        }
        catch (SettingsInvalidException failure) when (!IsJson(parsed))
        {
            foreach (var fault in failure.Faults.SkipLast(1))
                await Terminal.Error.WriteLineAsync($"error {failure.Code}: {fault}");
            throw new ChunkOtaException(failure.Code, failure.Faults[^1], failure);
        }
        catch (ChunkOtaException failure)
        {
            throw new ChunkOtaException(failure.Code, failure.DescribeForOperator(), failure) { Hint = failure.Hint };
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            await Terminal.Error.WriteLineAsync(failure.ToString());
            throw new ChunkOtaException(
                ErrorCodes.Internal, "the server failed: the lines above say how", failure);
        }
    }

    /// <summary>Carries the command out. Whatever goes wrong is thrown.</summary>
    protected abstract Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken);
}
