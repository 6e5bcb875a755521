using System.CommandLine;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary><c>selftest</c>: proves on this very machine what the agent stands on. Hidden: it is for builders.</summary>
internal sealed class SelfTest : Verb
{
    /// <summary>Makes the command.</summary>
    public SelfTest(VerbContext context)
        : base(context, "selftest", "Proves the parts that this program stands on.") => Hidden = true;

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var failed = 0;
        foreach (var (name, check) in SelfChecks.All())
        {
            var problem = Try(check);
            failed += problem is null ? 0 : 1;
            Terminal.WriteLine(problem is null ? $"ok   {name}" : $"FAIL {name}: {problem}");
        }
        return failed == 0
            ? Task.FromResult(0)
            : throw new ChunkOtaException(ErrorCodes.Internal, $"{failed} self-tests failed");
    }

    /// <summary>What is wrong, or null: a check that throws has found something, too.</summary>
    private static string? Try(Func<string?> check)
    {
        try
        {
            return check();
        }
        catch (Exception e)
        {
            return $"{e.GetType().Name}: {e.Message}";
        }
    }
}
