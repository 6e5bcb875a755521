using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChunkOta.Agent;

/// <summary>Settings as they are written, in a file or in one assignment: a member that is left out is null.</summary>
/// <remarks>Its members can be set because generated code gives members that are only initialised no default.</remarks>
internal sealed class SettingsDocument
{
    /// <summary>The least that a server must send, bytes a second.</summary>
    public int? MinimumBytesPerSecond { get; set; }

    /// <summary>The time that the rate is averaged over, seconds.</summary>
    public int? StallSeconds { get; set; }

    /// <summary>The entries below <c>Watch</c>.</summary>
    public WatchEntry? Watch { get; set; }

    /// <summary>The entries below <c>Products</c>.</summary>
    public Dictionary<string, ProductEntry>? Products { get; set; }

    /// <summary>Returns these settings on top of others.</summary>
    /// <param name="settings">The settings so far.</param>
    /// <exception cref="JsonException">A value is unknown or null; the message names its key.</exception>
    public AgentSettings ApplyTo(AgentSettings settings)
    {
        var products = new Dictionary<string, ProductPolicy>(settings.Products);
        foreach (var (name, entry) in Products ?? [])
        {
            if (entry is null)
                throw new JsonException($"Products:{name} must not be null");
            products[name] = entry.ApplyTo(products.GetValueOrDefault(name, ProductPolicy.None), name);
        }
        return new AgentSettings
        {
            MinimumBytesPerSecond = MinimumBytesPerSecond ?? settings.MinimumBytesPerSecond,
            StallSeconds = StallSeconds ?? settings.StallSeconds,
            Watch = Watch?.ApplyTo(settings.Watch) ?? settings.Watch,
            Products = products,
        };
    }

    /// <summary>The process <c>watch</c>; the members are those of <see cref="WatchPolicy"/>.</summary>
    internal sealed class WatchEntry
    {
        public int? PollSeconds { get; set; }

        public bool? StaysConnected { get; set; }

        public List<string>? MaintenanceWindows { get; set; }

        public int? DownloadBytesPerSecond { get; set; }

        public List<string>? DownloadLimitHours { get; set; }

        public string? TimeZone { get; set; }

        public bool? PauseOnBattery { get; set; }

        public bool? PauseOnMetered { get; set; }

        public string? PowerSupplyFolder { get; set; }

        public int? Niceness { get; set; }

        public bool? IsIoIdle { get; set; }

        public WatchPolicy ApplyTo(WatchPolicy policy) => new()
        {
            PollSeconds = PollSeconds ?? policy.PollSeconds,
            StaysConnected = StaysConnected ?? policy.StaysConnected,
            MaintenanceWindows = MaintenanceWindows ?? policy.MaintenanceWindows,
            DownloadBytesPerSecond = DownloadBytesPerSecond ?? policy.DownloadBytesPerSecond,
            DownloadLimitHours = DownloadLimitHours ?? policy.DownloadLimitHours,
            TimeZone = TimeZone ?? policy.TimeZone,
            PauseOnBattery = PauseOnBattery ?? policy.PauseOnBattery,
            PauseOnMetered = PauseOnMetered ?? policy.PauseOnMetered,
            PowerSupplyFolder = PowerSupplyFolder ?? policy.PowerSupplyFolder,
            Niceness = Niceness ?? policy.Niceness,
            IsIoIdle = IsIoIdle ?? policy.IsIoIdle,
        };
    }

    /// <summary>A product; the members are those of <see cref="ProductPolicy"/>.</summary>
    internal sealed class ProductEntry
    {
        public string? Mode { get; set; }

        public int? DeadlineHours { get; set; }

        public string? Link { get; set; }

        public int? Keep { get; set; }

        public List<string>? BeforeSwitch { get; set; }

        public List<string>? AfterSwitch { get; set; }

        public int? HookSeconds { get; set; }

        public HealthEntry? Health { get; set; }

        public SlotsEntry? Slots { get; set; }

        public ProductPolicy ApplyTo(ProductPolicy policy, string name) => policy with
        {
            Mode = Mode is null ? policy.Mode : UpdateModeWords.Find(Mode) ?? throw new JsonException(
                $"Products:{name}:Mode must be forced, soft, deadline or download-only, not '{Mode}'"),
            DeadlineHours = DeadlineHours ?? policy.DeadlineHours,
            Link = Link is null ? policy.Link : LinkModeWords.Find(Link) ?? throw new JsonException(
                $"Products:{name}:Link must be reflink or hardlink, not '{Link}'"),
            Keep = Keep ?? policy.Keep,
            BeforeSwitch = BeforeSwitch ?? policy.BeforeSwitch,
            AfterSwitch = AfterSwitch ?? policy.AfterSwitch,
            HookSeconds = HookSeconds ?? policy.HookSeconds,
            Health = Health?.ApplyTo(policy.Health) ?? policy.Health,
            Slots = Slots?.ApplyTo(policy.Slots ?? new SlotSettings()) ?? policy.Slots,
        };
    }

    /// <summary>The slots; the members are those of <see cref="SlotSettings"/>.</summary>
    internal sealed class SlotsEntry
    {
        public string? A { get; set; }

        public string? B { get; set; }

        public string? Bootloader { get; set; }

        public string? Environment { get; set; }

        public SlotSettings ApplyTo(SlotSettings slots) => slots with
        {
            A = A ?? slots.A,
            B = B ?? slots.B,
            Bootloader = Bootloader ?? slots.Bootloader,
            Environment = Environment ?? slots.Environment,
        };
    }

    /// <summary>The proofs; the members are those of <see cref="HealthPolicy"/>.</summary>
    internal sealed class HealthEntry
    {
        public List<string>? Command { get; set; }

        public int? CommandSeconds { get; set; }

        public bool? NeedsConfirmation { get; set; }

        public int? DeadlineSeconds { get; set; }

        public bool? NeedsStart { get; set; }

        public int? StartSeconds { get; set; }

        public int? MaxStarts { get; set; }

        public int? MaxAttempts { get; set; }

        public HealthPolicy ApplyTo(HealthPolicy policy) => policy with
        {
            Command = Command ?? policy.Command,
            CommandSeconds = CommandSeconds ?? policy.CommandSeconds,
            NeedsConfirmation = NeedsConfirmation ?? policy.NeedsConfirmation,
            NeedsStart = NeedsStart ?? policy.NeedsStart,
            StartSeconds = StartSeconds ?? policy.StartSeconds,
            MaxStarts = MaxStarts ?? policy.MaxStarts,
            DeadlineSeconds = DeadlineSeconds ?? policy.DeadlineSeconds,
            MaxAttempts = MaxAttempts ?? policy.MaxAttempts,
        };
    }
}

/// <summary>The JSON of the settings: keys in any case, comments, nothing unknown and nothing twice.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNameCaseInsensitive = true,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    AllowDuplicateProperties = false,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    MaxDepth = 16)]
[JsonSerializable(typeof(SettingsDocument))]
internal sealed partial class SettingsJson : JsonSerializerContext;
