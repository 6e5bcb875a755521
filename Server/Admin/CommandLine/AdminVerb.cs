using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Client;
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
        return Reported is null ? ExitCodes.Success : ExitCodes.Of(Reported.Code);
    }

    /// <summary>A failure that the answer reports; its code decides the exit code. Null: it succeeded.</summary>
    protected ChunkOtaException? Reported { get; set; }

    /// <summary>Carries the command out. Whatever goes wrong is thrown.</summary>
    protected abstract Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken);

    /// <summary>Warns whoever reads the output; JSON has warnings in the answer.</summary>
    protected void Warn(IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
            Terminal.Error.WriteLine($"warning: {OneLine.Of(warning)}");
    }

    protected Task<Session> OpenSessionAsync(ParseResult parsed, CancellationToken cancellationToken) =>
        Session.OpenAsync(
            ServerChoice.Of(context.Server.Read(parsed), CommonOptions.Variable), Terminal.In, Observer(parsed),
            cancellationToken);

    /// <summary>The diagnostics that the options choose.</summary>
    protected Diagnostics Diagnostics(ParseResult parsed) => context.Server.Diagnostics(parsed, Terminal);

    /// <summary>Writes each call, if that is wanted.</summary>
    protected CallObserver? Observer(ParseResult parsed) =>
        Diagnostics(parsed) is { SaysCalls: true } diagnostics
            ? new CallObserver(diagnostics.Call)
            : null;

    /// <summary>Reads the arguments about the server.</summary>
    protected GivenServer GivenServer(ParseResult parsed) => context.Server.Read(parsed);
}
