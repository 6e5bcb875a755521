using System.Globalization;

namespace ChunkOta.Agent;

/// <summary>Examines the device's key, what the device trusts, and its clock.</summary>
/// <param name="home">The agent's folder.</param>
/// <param name="trustStore">The trust state on disk.</param>
/// <param name="options">The agent's settings.</param>
/// <param name="clock">The device's clock.</param>
/// <param name="findings">Gets what is found.</param>
internal sealed class TrustChecks(
    AgentHome home, TrustStore trustStore, AgentOptions options, TimeProvider clock, FindingList findings)
{
    /// <summary>Examines the device's key.</summary>
    public void CheckKey() => findings.Try("key", () =>
    {
        using var key = DeviceKey.Find(home);
        if (key is null)
            findings.Warn("key", "this device has no key yet", "run ota-agent install with an install token");
        else
            findings.Ok("key", $"the device's key {Convert.ToHexStringLower(key.PublicKey.Span[..8])}…");
    });

    /// <summary>Examines the trust state of one product.</summary>
    /// <param name="product">The product.</param>
    /// <param name="state">The record of what is installed.</param>
    public void CheckTrust(LocalProduct product, ProductState state) => findings.Try("trust", () =>
    {
        var installed = new InstalledProduct(product, trustStore);
        var trust = installed.FindTrust(state);
        if (trust is null)
        {
            findings.Fail(
                "trust", ErrorCodes.Usage, $"this device is not enrolled for {state.Product} at {state.Server}",
                $"run ota-agent install {state.Product} with an install token");
            return;
        }
        var pointer = installed.FindPointer(state);
        var health = TrustHealth.Of(state, trust, pointer, clock, options.BuildTime);
        foreach (var warning in health.Warnings)
            findings.Warn("trust", warning, null);
        if (health.Problem is { } problem)
            findings.Fail("trust", ErrorCodes.Expired, problem);
        else if (state.Refused is { } refused)
            findings.Fail("trust", refused.Code, $"the last check was refused: {refused.Text}");
        else if (InstalledProduct.IsWithdrawn(state, pointer))
            findings.Fail("trust", ErrorCodes.Revoked, "the current release was withdrawn by its publisher");
        else
            findings.Ok("trust", $"the pointer is valid until {TextOf(health.PointerExpires)}, the trust root until "
                + TextOf(health.RootExpires));
    });

    /// <summary>Examines the clock against the times that have come for certain.</summary>
    public void CheckClock() => findings.Try("clock", () =>
    {
        var floor = trustStore.Load().Records.Select(record => record.TimeFloorUnixSeconds).DefaultIfEmpty().Max();
        var time = new DeviceTime(clock.GetUtcNow(), DateTimeOffset.FromUnixTimeSeconds(floor), options.BuildTime);
        if (time.FindClockFault() is { } fault)
            findings.Fail("clock", ErrorCodes.ClockSkew, fault, "set the clock, such as by an NTP service");
        else
            findings.Ok("clock", $"{TextOf(time.Clock)}, not before any time that has come for certain");
    });

    private static string TextOf(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture) ?? "the first check";
}
