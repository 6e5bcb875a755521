using System.Reflection;

namespace ChunkOta.Agent;

/// <summary>The agent's version, as servers are told.</summary>
internal static class AgentVersion
{
    /// <summary>The version without the source revision.</summary>
    public static string Current { get; } =
        typeof(AgentVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
