namespace ChunkOta.Server;

/// <summary>Settings are unknown, unreadable or invalid.</summary>
/// <param name="faults">One line for each fault.</param>
internal sealed class SettingsInvalidException(IReadOnlyList<string> faults)
    : ChunkOtaException(ErrorCodes.ConfigInvalid, string.Join("; ", faults))
{
    /// <summary>One line for each fault.</summary>
    public IReadOnlyList<string> Faults => faults;
}
