using ChunkOta.Chunking;

namespace ChunkOta.Tests.Support;

/// <summary>Release trees that a test makes: the same seed, the same bytes.</summary>
internal static class SampleTree
{
    /// <summary>
    /// Writes a tree of some megabytes: large files of many chunks, small ones, an empty file, an empty directory, an
    /// executable and a link.
    /// </summary>
    /// <param name="folder">Created if it does not exist.</param>
    /// <param name="revision">Another revision changes a few bytes and keeps the rest.</param>
    public static string Write(string folder, int revision)
    {
        Directory.CreateDirectory(Path.Combine(folder, "lib/deep/er"));
        Directory.CreateDirectory(Path.Combine(folder, "empty"));

        for (var i = 0; i < 3; i++)
        {
            var bytes = Noise(seed: i, length: 1_500_000);
            if (revision > 0) Noise(seed: 100 + revision, length: 3_000).CopyTo(bytes, 700_000);
            File.WriteAllBytes(Path.Combine(folder, $"lib/large{i}.bin"), bytes);
        }
        for (var i = 0; i < 40; i++) File.WriteAllText(
            Path.Combine(folder, $"lib/deep/small{i}.txt"), $"{i} {new string('x', i * 50)}");

        File.WriteAllText(Path.Combine(folder, "lib/deep/er/VERSION"), $"{revision}");
        File.WriteAllBytes(Path.Combine(folder, "nothing"), []);
        File.WriteAllText(Path.Combine(folder, "run.sh"), "#!/bin/sh\necho hello\n");
        File.SetUnixFileMode(Path.Combine(folder, "run.sh"), (UnixFileMode)Convert.ToInt32("755", 8));
        var link = Path.Combine(folder, "start");
        if (!File.Exists(link)) File.CreateSymbolicLink(link, "run.sh");
        return folder;
    }

    /// <summary>Bytes that do not compress, the same for the same seed.</summary>
    public static byte[] Noise(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>
    /// Fails the test unless both trees hold the same paths, kinds, bytes, canonical modes and link targets.
    /// </summary>
    public static void AssertSame(string published, string installed) =>
        Assert.Equal(Listing(published), Listing(installed));

    /// <summary>One line for each file, link and empty directory below a folder.</summary>
    public static string[] Listing(string folder)
    {
        // A trailing separator makes the walk enter `current`, which is a link.
        var root = folder.TrimEnd('/') + "/";
        return [.. Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories)
            .Select(path => Line(path, path[root.Length..]))
            .Where(line => line.Length > 0)
            .Order(StringComparer.Ordinal)];
    }

    private static string Line(string path, string name)
    {
        var info = new FileInfo(path);
        if (info.LinkTarget is { } target) return $"{name} -> {target}";
        if (Directory.Exists(path)) return Directory.EnumerateFileSystemEntries(path).Any() ? "" : $"{name}/";
        const UnixFileMode anyX = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return $"{name} {((info.UnixFileMode & anyX) == 0 ? "0644" : "0755")} {Digest.Of(File.ReadAllBytes(path))}";
    }
}
