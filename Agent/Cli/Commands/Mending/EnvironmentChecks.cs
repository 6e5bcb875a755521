namespace ChunkOta.Agent.Cli;

/// <summary>Examines the environment variables and the file of settings that the agent obeys.</summary>
internal static class EnvironmentChecks
{
    private const string Proxy = "HTTPS_PROXY";
    private const string Faults = "CHUNKOTA_FAULT";

    /// <summary>Makes the checks.</summary>
    /// <param name="variable">Reads an environment variable; null where it is not set.</param>
    /// <param name="load">Reads the settings.</param>
    /// <returns>The findings, and the settings; the defaults where they cannot be read.</returns>
    public static (IReadOnlyList<DoctorFinding> Findings, AgentSettings Settings) Run(
        Func<string, string?> variable, Func<AgentSettings> load)
    {
        var findings = new List<DoctorFinding>();
        var settings = new AgentSettings();
        try
        {
            settings = load();
            findings.Add(new DoctorFinding("settings", FindingLevel.Ok, "ota-agent config check prints them"));
        }
        catch (ChunkOtaException e)
        {
            findings.Add(Error("settings", e.Message, "correct the file; this examination used the defaults"));
        }
        if (variable(Proxy) is { } proxy)
            findings.Add(CheckProxy(proxy));
        if (variable(Faults) is not null)
        {
            findings.Add(new DoctorFinding(
                "environment", FindingLevel.Warning, $"{Faults} makes the disk fail on purpose")
            {
                Fix = $"unset {Faults}",
            });
        }
        return (findings, settings);
    }

    private static DoctorFinding CheckProxy(string proxy)
    {
        // A proxy may be written without a scheme. Its user and password are not shown.
        var url = proxy.Contains("://", StringComparison.Ordinal) ? proxy : $"http://{proxy}";
        return Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Host.Length > 0
            ? new DoctorFinding("proxy", FindingLevel.Ok, $"TLS to other machines goes through {uri.Host}:{uri.Port}")
            : Error("proxy", $"{Proxy} is not a proxy's address", $"set {Proxy} to http://HOST:PORT, or unset it");
    }

    private static DoctorFinding Error(string name, string text, string fix) => new(name, FindingLevel.Error, text)
    {
        Code = ErrorCodes.ConfigInvalid,
        Fix = fix,
    };
}
