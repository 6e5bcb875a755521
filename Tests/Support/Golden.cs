namespace ChunkOta.Tests.Support;

/// <summary>Files that hold what a format has always looked like; <c>UPDATE_GOLDEN=1</c> rewrites them.</summary>
internal static class Golden
{
    /// <summary>Asserts that bytes are those of a golden file, or makes them so when asked to.</summary>
    public static void Equal(string name, ReadOnlySpan<byte> actual)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllBytes(Repository.PathOf($"Tests/Golden/{name}"), actual);
        Assert.Equal(Read(name), actual.ToArray());
    }

    public static byte[] Read(string name) => File.ReadAllBytes(Repository.PathOf($"Tests/Golden/{name}"));
}
