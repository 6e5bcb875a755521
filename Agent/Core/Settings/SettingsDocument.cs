using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChunkOta.Agent;

/// <summary>The file as it is written: a member that is left out has its default.</summary>
/// <remarks>Its members can be set because generated code gives members that are only initialised no default.</remarks>
internal sealed class SettingsDocument
{
    /// <summary>The least that a server must send, bytes a second.</summary>
    public int MinimumBytesPerSecond { get; set; } = MinimumRate.Default.BytesPerSecond;

    /// <summary>The time that the rate is averaged over, seconds.</summary>
    public int StallSeconds { get; set; } = (int)MinimumRate.Default.Window.TotalSeconds;

    /// <summary>The entries below <c>Products</c>.</summary>
    public Dictionary<string, ProductEntry> Products { get; set; } = [];

    /// <summary>Returns the settings.</summary>
    public AgentSettings ToSettings() => new()
    {
        MinimumBytesPerSecond = MinimumBytesPerSecond,
        StallSeconds = StallSeconds,
        Products = Products.ToDictionary(entry => entry.Key, entry => entry.Value.ToPolicy()),
    };

    /// <summary>A product; the members are those of <see cref="ProductPolicy"/>.</summary>
    internal sealed class ProductEntry
    {
        public List<string> BeforeSwitch { get; set; } = [];

        public List<string> AfterSwitch { get; set; } = [];

        public int HookSeconds { get; set; } = ProductPolicy.None.HookSeconds;

        public HealthEntry Health { get; set; } = new();

        public SlotsEntry? Slots { get; set; }

        public ProductPolicy ToPolicy() => new()
        {
            BeforeSwitch = BeforeSwitch,
            AfterSwitch = AfterSwitch,
            HookSeconds = HookSeconds,
            Health = Health.ToPolicy(),
            Slots = Slots?.ToSettings(),
        };
    }

    /// <summary>The slots; the members are those of <see cref="SlotSettings"/>.</summary>
    internal sealed class SlotsEntry
    {
        public string A { get; set; } = "";

        public string B { get; set; } = "";

        public string Bootloader { get; set; } = "";

        public string Environment { get; set; } = "";

        public SlotSettings ToSettings() => new()
        {
            A = A,
            B = B,
            Bootloader = Bootloader,
            Environment = Environment,
        };
    }

    /// <summary>The proofs; the members are those of <see cref="HealthPolicy"/>.</summary>
    internal sealed class HealthEntry
    {
        private static readonly HealthPolicy Default = new();

        public List<string> Command { get; set; } = [];

        public int CommandSeconds { get; set; } = Default.CommandSeconds;

        public bool NeedsConfirmation { get; set; } = Default.NeedsConfirmation;

        public int DeadlineSeconds { get; set; } = Default.DeadlineSeconds;

        public int MaxAttempts { get; set; } = Default.MaxAttempts;

        public HealthPolicy ToPolicy() => new()
        {
            Command = Command,
            CommandSeconds = CommandSeconds,
            NeedsConfirmation = NeedsConfirmation,
            DeadlineSeconds = DeadlineSeconds,
            MaxAttempts = MaxAttempts,
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
    RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    MaxDepth = 16)]
[JsonSerializable(typeof(SettingsDocument))]
internal sealed partial class SettingsJson : JsonSerializerContext;
