using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>selftest</c>: checks on this machine what the agent depends on. Hidden:
/// it is for people who build the agent.</summary>
internal sealed class SelfTestVerb : AgentVerb
{
    /// <summary>Makes the command.</summary>
    public SelfTestVerb(AgentContext context)
        : base(context, "selftest", "Checks the parts that this program depends on.") => Hidden = true;

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var failed = 0;
        foreach (var (name, check) in SelfTest.Checks())
        {
            var problem = Try(check);
            failed += problem is null ? 0 : 1;
            Terminal.WriteLine(problem is null ? $"ok   {name}" : $"FAIL {name}: {problem}");
        }
        return failed == 0
            ? Task.FromResult(0)
            : throw new ChunkOtaException(ErrorCodes.Internal, $"{failed} self-tests failed");
    }

    /// <summary>Returns the problem, or null; a check that throws has found one.</summary>
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
