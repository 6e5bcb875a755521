namespace ChunkOta.Storage;

/// <summary>The state that <see cref="DeviceRules"/> reads and changes in one transaction.</summary>
public interface IDeviceTransaction
{
    /// <summary>The token of an id; null when there is none.</summary>
    TokenRecord? FindToken(string id);

    /// <summary>The device that a token enrolled with a key; null when there is none.</summary>
    DeviceRecord? FindDevice(string tokenId, ReadOnlyMemory<byte> publicKey);

    /// <summary>Adds a device. Its product is registered.</summary>
    void AddDevice(DeviceRecord device);

    /// <summary>Counts a use of a token.</summary>
    void CountUse(string tokenId);

    /// <summary>True when a device of the id is enrolled.</summary>
    bool HasDevice(string id);

    /// <summary>Stores the report of an enrolled device in place of its last one.</summary>
    void PutReport(DeviceReport report);
}
