namespace ChunkOta.Tests.Support;

/// <summary>The checkout that the tests run in.</summary>
internal static class Repository
{
    /// <summary>The folder of ChunkOta.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The full path of a file or folder named relative to the root, with '/'.</summary>
    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>
    /// All C# sources of the given top folders, generated ones left out, as paths relative to the root.
    /// </summary>
    public static IEnumerable<string> Sources(params string[] folders) =>
        from folder in folders
        from path in Directory.EnumerateFiles(PathOf(folder), "*.cs", SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(Root, path).Replace('\\', '/')
        where !relative.Contains("/obj/") && !relative.Contains("/bin/")
        orderby relative
        select relative;

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "ChunkOta.sln"))) return at.FullName;
        }

        throw new InvalidOperationException($"No ChunkOta.sln above {AppContext.BaseDirectory}.");
    }
}
