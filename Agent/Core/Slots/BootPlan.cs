using System.Globalization;

namespace ChunkOta.Agent;

/// <summary>The slot that a machine starts, and how often it tries: two variables of the boot loader's
/// environment.</summary>
/// <remarks>
/// <c>ota_slot</c> is <c>A</c> or <c>B</c>; <c>ota_tries</c> is a number from 0 to 9, or <c>kept</c>. The other slot is
/// never started while <c>ota_slot</c> is kept, so that it may be written.
/// </remarks>
/// <param name="First">The slot to start.</param>
/// <param name="Tries">How often it may still be started before the other one takes its turn again; null when it is
/// kept.</param>
internal readonly record struct BootPlan(SlotName First, int? Tries)
{
    /// <summary>The most starts of a slot on trial: one digit, because the script of GRUB cannot calculate.</summary>
    public const int MaxTries = 9;

    /// <summary>The variable with the slot.</summary>
    public const string SlotVariable = "ota_slot";

    /// <summary>The variable with the number of tries.</summary>
    public const string TriesVariable = "ota_tries";

    private const string Kept = "kept";

    /// <summary>The value of <see cref="TriesVariable"/>.</summary>
    public string TriesText => Tries?.ToString(CultureInfo.InvariantCulture) ?? Kept;

    /// <summary>Reads the variables; where they are not set, slot A is kept.</summary>
    /// <param name="lines">Lines of the form <c>name=value</c>; others are ignored.</param>
    public static BootPlan Read(IEnumerable<string> lines)
    {
        var plan = new BootPlan(SlotName.A, null);
        foreach (var line in lines)
        {
            if (line.Split('=', 2) is not [var name, var value])
                continue;
            value = value.TrimEnd();
            if (name == SlotVariable && SlotNames.Find(value) is { } slot)
                plan = plan with { First = slot };
            else if (name == TriesVariable)
                plan = plan with { Tries = value is [>= '0' and <= '9'] ? value[0] - '0' : null };
        }
        return plan;
    }

    /// <summary>Does what a boot loader does when the machine starts.</summary>
    /// <returns>The plan from then on; its first slot is the one that is started.</returns>
    public BootPlan Start() => Tries switch
    {
        null => this,
        0 => new BootPlan(First.Other(), null),
        _ => this with { Tries = Tries - 1 },
    };
}
