using System.Collections;

namespace ChunkOta.Agent;

/// <summary>The environment of a program that takes this process' place: that of this process, without what is the
/// agent's own.</summary>
internal static class PassedEnvironment
{
    /// <summary>The variables that are the agent's own: a token in one is a secret.</summary>
    private static readonly string[] OwnVariables = ["OTA_INSTALL_TOKEN", "CHUNKOTA_FAULT", "CHUNKOTA_CLOCK"];

    /// <summary>Lists the variables of an environment as <c>NAME=value</c>, and those that are set for the program in
    /// place of its own.</summary>
    /// <param name="environment">The environment of this process.</param>
    /// <param name="set">The variables that are set.</param>
    public static IReadOnlyList<string> Of(IDictionary environment, params (string Name, string? Value)[] set)
    {
        var passed = new List<string>();
        foreach (DictionaryEntry variable in environment)
        {
            if (variable.Key is string name && !OwnVariables.Contains(name) && !set.Any(own => own.Name == name))
                passed.Add($"{name}={variable.Value}");
        }
        return [.. passed, .. set.Select(own => $"{own.Name}={own.Value}")];
    }
}
