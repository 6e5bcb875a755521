namespace ChunkOta.Agent;

/// <summary>The conditions of this machine under which <c>watch</c> does nothing.</summary>
/// <param name="policy">The policy of this device.</param>
/// <param name="environment">Reads an environment variable.</param>
internal sealed class DeviceConditions(WatchPolicy policy, Func<string, string?> environment)
{
    /// <summary>Finds out why nothing must be done now.</summary>
    /// <returns>The reason, for people; null when there is none.</returns>
    public string? FindPause() =>
        policy.PauseOnBattery && PowerSupply.IsOnBattery(policy.PowerSupplyFolder) ? "the machine runs on its battery"
        : policy.PauseOnMetered && MeteredNetwork.IsMetered(environment) ? "the network is metered"
        : null;
}
