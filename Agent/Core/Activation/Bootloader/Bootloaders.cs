namespace ChunkOta.Agent;

/// <summary>The boot loaders that are known.</summary>
internal static class Bootloaders
{
    /// <summary>Returns the boot loader of a product's slots; nothing is read or run.</summary>
    /// <param name="settings">Names it.</param>
    /// <param name="home">The product's folder.</param>
    /// <param name="clock">Limits the time of its tools.</param>
    public static IBootloader Of(SlotSettings settings, ProductHome home, TimeProvider clock)
    {
        var running = new RunningSlot(settings, Path.GetFileName(home.Root));
        return settings.Bootloader switch
        {
            SlotSettings.Grub => new GrubBootloader(settings.Environment, running, clock),
            SlotSettings.UBoot => new UBootBootloader(settings.Environment, home.Staging, running, clock),
            _ => new SimulatedBootloader(settings.Environment),
        };
    }
}
