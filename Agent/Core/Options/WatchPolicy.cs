namespace ChunkOta.Agent;

/// <summary>The policy of this device for <c>watch</c>.</summary>
public sealed record WatchPolicy
{
    /// <summary>The time between two checks of a product, seconds; 0 for what its server asks for, else
    /// <see cref="DefaultPollSeconds"/>.</summary>
    public int PollSeconds { get; init; }

    /// <summary>True to stay connected to the server, which then says when there may be a new release.</summary>
    public bool StaysConnected { get; init; } = true;

    /// <summary>The hours in which releases become current, in local time, such as <c>Mon-Fri 22:00-05:00</c>; empty
    /// for any. A person's consent counts at any hour.</summary>
    public IReadOnlyList<string> MaintenanceWindows { get; init; } = [];

    /// <summary>The most bytes that are downloaded in a second, for all products together; 0 for no limit.</summary>
    public int DownloadBytesPerSecond { get; init; }

    /// <summary>The hours in which the limit of downloads applies, in local time; empty for all.</summary>
    public IReadOnlyList<string> DownloadLimitHours { get; init; } = [];

    /// <summary>The time zone of the hours: a name such as <c>Europe/Paris</c>, an offset such as <c>+02:00</c>, or
    /// empty for the system's.</summary>
    public string TimeZone { get; init; } = "";

    /// <summary>True to do nothing while the machine runs on its battery.</summary>
    public bool PauseOnBattery { get; init; }

    /// <summary>True to do nothing while NetworkManager says that the network is metered.</summary>
    public bool PauseOnMetered { get; init; }

    /// <summary>The folder in which the kernel describes batteries and mains.</summary>
    public string PowerSupplyFolder { get; init; } = "/sys/class/power_supply";

    /// <summary>The scheduling priority that the process lowers itself to, 0 to 19.</summary>
    public int Niceness { get; init; } = 10;

    /// <summary>True to use the disk only while nobody else does.</summary>
    public bool IsIoIdle { get; init; } = true;

    /// <summary>The time between two checks where neither this device nor the server says anything, seconds.</summary>
    internal const int DefaultPollSeconds = 3600;
}
