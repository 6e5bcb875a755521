using System.CommandLine;
using System.Diagnostics.CodeAnalysis;

namespace ChunkOta.Cli;

/// <summary>The verbs that every program has.</summary>
public static class StandardVerbs
{
    /// <summary>The program can write its manual page and its completions. A static agent leaves them out: packages
    /// bring both, and a device has no use for the code.</summary>
    [FeatureSwitchDefinition("ChunkOta.Cli.WritesDocuments")]
    private static bool WritesDocuments =>
        !AppContext.TryGetSwitch("ChunkOta.Cli.WritesDocuments", out var isOn) || isOn;

    /// <summary>Adds <c>help</c>, <c>completion</c> and <c>manual</c>, and the program's answers to <c>--help</c> and
    /// <c>--version</c>.</summary>
    /// <param name="root">The command line, with all other verbs.</param>
    /// <param name="program">What the program says about itself.</param>
    /// <param name="context">The arguments that every verb is constructed with.</param>
    public static void AddTo(RootCommand root, ProgramDescription program, VerbContext context)
    {
        root.Add(new HelpVerb(context, program, root));
        if (WritesDocuments)
        {
            root.Add(new CompletionVerb(context, program, root));
            root.Add(new ManualVerb(context, program, root));
        }
        StandardAnswers.Install(root, program);
    }
}
