using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Agent.Cli;

/// <summary><c>config check</c>: says which settings take effect, or what is wrong with them.</summary>
internal sealed class SettingsCheckVerb : AgentVerb
{
    /// <summary>Makes the command.</summary>
    public SettingsCheckVerb(AgentContext context)
        : base(
            context,
            "check",
            "Checks the settings and prints those that take effect.",
            "ota-agent config check",
            "ota-agent config check --config ./ota-agent.json --json")
    {
    }

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = LoadSettings(parsed);
        if (IsJson(parsed))
            Terminal.WriteJson(settings, ReportJson.Settings);
        else
        {
            foreach (var (product, policy) in settings.Products)
                Write($"Products:{product}", policy);
        }
        return Task.FromResult(0);
    }

    private void Write(string name, ProductPolicy policy)
    {
        Terminal.WriteLine($"{name}:BeforeSwitch={string.Join(' ', policy.BeforeSwitch)}");
        Terminal.WriteLine($"{name}:AfterSwitch={string.Join(' ', policy.AfterSwitch)}");
        Terminal.WriteLine($"{name}:HookSeconds={policy.HookSeconds}");
        Terminal.WriteLine($"{name}:Health:Command={string.Join(' ', policy.Health.Command)}");
        Terminal.WriteLine($"{name}:Health:CommandSeconds={policy.Health.CommandSeconds}");
        Terminal.WriteLine($"{name}:Health:NeedsConfirmation={policy.Health.NeedsConfirmation}");
        Terminal.WriteLine($"{name}:Health:DeadlineSeconds={policy.Health.DeadlineSeconds}");
        Terminal.WriteLine($"{name}:Health:MaxAttempts={policy.Health.MaxAttempts}");
    }
}
