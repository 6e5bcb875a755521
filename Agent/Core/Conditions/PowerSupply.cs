namespace ChunkOta.Agent;

/// <summary>The power supplies of this machine, as the kernel describes them.</summary>
internal static class PowerSupply
{
    /// <summary>Tells whether the machine runs on its battery: a battery of the machine is being discharged, and no
    /// mains or USB supply is connected.</summary>
    /// <param name="folder">The folder with a directory for each supply.</param>
    public static bool IsOnBattery(string folder)
    {
        var isDischarging = false;
        foreach (var supply in SuppliesIn(folder))
        {
            switch (Find(supply, "type"))
            {
                case "Mains" or "USB" when Find(supply, "online") == "1":
                    return false;
                case "Battery" when Find(supply, "scope") != "Device":
                    isDischarging |= Find(supply, "status") == "Discharging";
                    break;
                default:
                    break;
            }
        }
        return isDischarging;
    }

    private static string[] SuppliesIn(string folder)
    {
        try
        {
            return Directory.GetDirectories(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string? Find(string supply, string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(supply, name)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
