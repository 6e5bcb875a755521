using System.CommandLine;

namespace ChunkOta.Cli;

/// <summary><c>manual</c>: the program's manual page.</summary>
internal sealed class ManualVerb : Verb
{
    private readonly ProgramDescription _program;
    private readonly RootCommand _root;

    public ManualVerb(VerbContext context, ProgramDescription program, RootCommand root)
        : base(context, "manual", "Prints the manual page, for 'man -l'.",
            $"{program.Name} manual > {program.Name}.{program.ManualSection}")
    {
        (_program, _root) = (program, root);
    }

    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        Terminal.Out.Write(ManualPage.Of(_program, CommandPath.OfRoot(_program.Name, _root)));
        return Task.FromResult(0);
    }
}
