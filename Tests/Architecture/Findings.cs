namespace ChunkOta.Tests.Architecture;

/// <summary>What a rule found in the sources.</summary>
internal static class Findings
{
    /// <summary>Fails with every finding on a line of its own.</summary>
    public static void AssertNone(IEnumerable<string> findings)
    {
        var all = findings.Order(StringComparer.Ordinal).ToArray();
        if (all.Length != 0) Assert.Fail($"{all.Length} found:\n{string.Join('\n', all)}");
    }
}
