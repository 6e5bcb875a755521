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
            "ota-agent config check --config ./ota-agent.json --json",
            "ota-agent config check Watch:PollSeconds=900") => Add(context.Home.Assignments);

    /// <inheritdoc/>
    protected override Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = LoadSettings(parsed);
        if (IsJson(parsed))
            Terminal.WriteJson(settings, ReportJson.Settings);
        else
        {
            Terminal.WriteLine($"MinimumBytesPerSecond={settings.MinimumBytesPerSecond}");
            Terminal.WriteLine($"StallSeconds={settings.StallSeconds}");
            Write(settings.Watch);
            foreach (var (product, policy) in settings.Products)
                Write($"Products:{product}", policy);
        }
        return Task.FromResult(0);
    }

    private void Write(WatchPolicy watch)
    {
        Terminal.WriteLine($"Watch:PollSeconds={watch.PollSeconds}");
        Terminal.WriteLine($"Watch:StaysConnected={(watch.StaysConnected ? "true" : "false")}");
        Terminal.WriteLine($"Watch:MaintenanceWindows={string.Join("; ", watch.MaintenanceWindows)}");
        Terminal.WriteLine($"Watch:DownloadBytesPerSecond={watch.DownloadBytesPerSecond}");
        Terminal.WriteLine($"Watch:DownloadLimitHours={string.Join("; ", watch.DownloadLimitHours)}");
        Terminal.WriteLine($"Watch:TimeZone={watch.TimeZone}");
        Terminal.WriteLine($"Watch:PauseOnBattery={(watch.PauseOnBattery ? "true" : "false")}");
        Terminal.WriteLine($"Watch:PauseOnMetered={(watch.PauseOnMetered ? "true" : "false")}");
        Terminal.WriteLine($"Watch:PowerSupplyFolder={watch.PowerSupplyFolder}");
        Terminal.WriteLine($"Watch:Niceness={watch.Niceness}");
        Terminal.WriteLine($"Watch:IsIoIdle={(watch.IsIoIdle ? "true" : "false")}");
    }

    private void Write(string name, ProductPolicy policy)
    {
        Terminal.WriteLine($"{name}:Mode={policy.Mode.ToWord()}");
        Terminal.WriteLine($"{name}:DeadlineHours={policy.DeadlineHours}");
        Terminal.WriteLine($"{name}:Link={policy.Link.ToWord()}");
        Terminal.WriteLine($"{name}:Keep={policy.Keep}");
        Terminal.WriteLine($"{name}:BeforeSwitch={string.Join(' ', policy.BeforeSwitch)}");
        Terminal.WriteLine($"{name}:AfterSwitch={string.Join(' ', policy.AfterSwitch)}");
        Terminal.WriteLine($"{name}:HookSeconds={policy.HookSeconds}");
        Terminal.WriteLine($"{name}:Health:Command={string.Join(' ', policy.Health.Command)}");
        Terminal.WriteLine($"{name}:Health:CommandSeconds={policy.Health.CommandSeconds}");
        Terminal.WriteLine($"{name}:Health:NeedsConfirmation={policy.Health.NeedsConfirmation}");
        Terminal.WriteLine($"{name}:Health:DeadlineSeconds={policy.Health.DeadlineSeconds}");
        Terminal.WriteLine($"{name}:Health:NeedsStart={policy.Health.NeedsStart}");
        Terminal.WriteLine($"{name}:Health:StartSeconds={policy.Health.StartSeconds}");
        Terminal.WriteLine($"{name}:Health:MaxStarts={policy.Health.MaxStarts}");
        Terminal.WriteLine($"{name}:Health:MaxAttempts={policy.Health.MaxAttempts}");
        if (policy.Slots is not { } slots)
            return;
        Terminal.WriteLine($"{name}:Slots:A={slots.A}");
        Terminal.WriteLine($"{name}:Slots:B={slots.B}");
        Terminal.WriteLine($"{name}:Slots:Bootloader={slots.Bootloader}");
        Terminal.WriteLine($"{name}:Slots:Environment={slots.Environment}");
    }
}
