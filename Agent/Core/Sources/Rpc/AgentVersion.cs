using System.Globalization;
using System.Reflection;

namespace ChunkOta.Agent;

/// <summary>The agent's version, as servers are told, and the day of its build.</summary>
internal static class AgentVersion
{
    private static readonly Assembly Self = typeof(AgentVersion).Assembly;

    /// <summary>The version without the source revision.</summary>
    public static string Current { get; } =
        Self.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    /// <summary>The day of the build, or of its sources in a reproducible build (<c>SOURCE_DATE_EPOCH</c>).</summary>
    public static DateTimeOffset BuildTime { get; } = DateTimeOffset.FromUnixTimeSeconds(
        Self.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(of => of.Key == "BuildUnixSeconds")?.Value
            is { } text
            ? long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)
            : 0);
}
