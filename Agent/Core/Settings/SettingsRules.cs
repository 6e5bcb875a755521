using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The rules for the values of settings.</summary>
internal static class SettingsRules
{
    private const int MostSeconds = 30 * 24 * 3600;
    private const int LeastShares = 8;

    /// <summary>Says what is wrong with settings; null for nothing.</summary>
    /// <param name="settings">The settings.</param>
    public static string? FindFault(AgentSettings settings)
    {
        var fault = RangeFault("MinimumBytesPerSecond", settings.MinimumBytesPerSecond, 1, 1_000_000_000)
            ?? RangeFault("StallSeconds", settings.StallSeconds, 1, 3600)
            ?? FindFault(settings.Watch)
            ?? (settings.Watch.DownloadBytesPerSecond is > 0 and var limit
                && limit / LeastShares < settings.MinimumBytesPerSecond
                ? $"Watch:DownloadBytesPerSecond must be at least {LeastShares} times MinimumBytesPerSecond, which "
                    + "each of several downloads has to reach"
                : null);
        if (fault is not null)
            return fault;
        foreach (var (product, policy) in settings.Products)
        {
            if ((NameFault(product) ?? FindFault($"Products:{product}", policy)) is { } wrong)
                return wrong;
        }
        return null;
    }

    private static string? FindFault(WatchPolicy watch) =>
        RangeFault("Watch:PollSeconds", watch.PollSeconds, 0, MostSeconds)
        ?? RangeFault("Watch:Niceness", watch.Niceness, 0, 19)
        ?? (watch.DownloadBytesPerSecond == 0
            ? null
            : RangeFault("Watch:DownloadBytesPerSecond", watch.DownloadBytesPerSecond, 8 * 1024, int.MaxValue))
        ?? LocalZone.FindFault("Watch:TimeZone", watch.TimeZone)
        ?? WindowFault("Watch:MaintenanceWindows", watch.MaintenanceWindows)
        ?? WindowFault("Watch:DownloadLimitHours", watch.DownloadLimitHours)
        ?? (Path.IsPathRooted(watch.PowerSupplyFolder) ? null : "Watch:PowerSupplyFolder must be an absolute path");

    private static string? FindFault(string name, ProductPolicy policy) =>
        CommandFault($"{name}:BeforeSwitch", policy.BeforeSwitch)
        ?? CommandFault($"{name}:AfterSwitch", policy.AfterSwitch)
        ?? CommandFault($"{name}:Health:Command", policy.Health.Command)
        ?? RangeFault($"{name}:DeadlineHours", policy.DeadlineHours, 1, 24 * 365)
        ?? RangeFault($"{name}:Keep", policy.Keep, 2, 1000)
        ?? RangeFault($"{name}:HookSeconds", policy.HookSeconds, 1, 86_400)
        ?? RangeFault($"{name}:Health:CommandSeconds", policy.Health.CommandSeconds, 1, 86_400)
        ?? RangeFault($"{name}:Health:DeadlineSeconds", policy.Health.DeadlineSeconds, 1, 604_800)
        ?? RangeFault($"{name}:Health:StartSeconds", policy.Health.StartSeconds, 1, 86_400)
        ?? RangeFault($"{name}:Health:MaxStarts", policy.Health.MaxStarts, 1, 100)
        ?? RangeFault($"{name}:Health:MaxAttempts", policy.Health.MaxAttempts, 1, 100)
        ?? (policy.Slots is { } slots ? SlotsFault($"{name}:Slots", slots) : null);

    private static string? SlotsFault(string name, SlotSettings slots) =>
        PathFault($"{name}:A", slots.A)
        ?? PathFault($"{name}:B", slots.B)
        ?? PathFault($"{name}:Environment", slots.Environment)
        ?? (slots.A == slots.B ? $"{name}:A and {name}:B must be two slots" : null)
        ?? (slots.Bootloader is SlotSettings.Grub or SlotSettings.UBoot or SlotSettings.Simulated
            ? null
            : $"{name}:Bootloader must be {SlotSettings.Grub}, {SlotSettings.UBoot} or {SlotSettings.Simulated}, "
                + $"not '{slots.Bootloader}'");

    private static string? PathFault(string key, string path) =>
        Path.IsPathRooted(path) && !path.Contains('\0') ? null : $"{key} must be an absolute path";

    private static string? NameFault(string product)
    {
        try
        {
            Names.CheckProduct(product);
            return null;
        }
        catch (ChunkOtaException e)
        {
            return $"Products: {e.Message}";
        }
    }

    private static string? CommandFault(string key, IReadOnlyList<string> command) =>
        command.Any(word => word.Contains('\0')) ? $"{key} must be a list of words"
        : command.Count > 0 && !Path.IsPathRooted(command[0]) ? $"{key} must begin with the absolute path of a program"
        : null;

    private static string? WindowFault(string key, IReadOnlyList<string> windows)
    {
        foreach (var window in windows)
        {
            if (LocalWindow.Find(window) is null)
                return $"{key} must be hours such as 'Mon-Fri 22:00-05:00' or '03:00-04:30', not '{window}'";
        }
        return null;
    }

    private static string? RangeFault(string key, int value, int least, int most) =>
        value < least || value > most ? $"{key} must be from {least} to {most}, not {value}" : null;
}
