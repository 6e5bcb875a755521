using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>The arguments that every verb of ota-admin is constructed with.</summary>
/// <param name="Server">The options that all verbs share.</param>
/// <param name="Terminal">Where it reads and writes.</param>
/// <param name="Clock">The time of day.</param>
internal sealed record AdminContext(AdminOptions Server, Terminal Terminal, TimeProvider Clock)
    : VerbContext(Server, Terminal, Clock);

/// <summary>A verb of ota-admin: it succeeds, or throws.</summary>
internal abstract class AdminVerb(
    AdminContext context, string name, string description, params ReadOnlySpan<string> examples)
    : Verb(context, name, description, examples)
{
    protected sealed override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await ExecuteAsync(parsed, cancellationToken);
        return ExitCodes.Success;
    }

    /// <summary>Carries the command out. Whatever goes wrong is thrown.</summary>
    protected abstract Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken);

    protected Task<Session> OpenSessionAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        Session.OpenAsync(context.Server, Terminal.In, parsed, cancellationToken);
}
