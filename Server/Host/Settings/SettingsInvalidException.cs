namespace ChunkOta.Server;

/// <summary>The settings hold something unknown or senseless.</summary>
internal sealed class SettingsInvalidException(IReadOnlyList<string> faults)
    : ChunkOtaException(ErrorCodes.ConfigInvalid, string.Join("; ", faults))
{
    /// <summary>One line for each fault.</summary>
    public IReadOnlyList<string> Faults => faults;
}
