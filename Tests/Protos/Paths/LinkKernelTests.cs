using System.Runtime.InteropServices;
using ChunkOta.Protos;
using ChunkOta.Tests.Protos.Documents;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Protos.Paths;

/// <summary>Random trees of links, judged by the rules and by the kernel: the verdicts are the same.</summary>
public sealed partial class LinkKernelTests
{
    private const int Trees = 300;

    private static readonly string[] Files = ["f", "a/f", "a/b/f", "c/f", "c/d/e/f"];
    private static readonly string[] Links = ["k", "l", "m", "a/l", "a/b/l", "c/k", "c/d/l", "c/d/e/k"];
    private static readonly string[] Steps = ["..", "..", ".", "", "a", "b", "c", "d", "e", "f", "k", "l", "m"];

    [Fact]
    public void The_rules_accept_a_tree_exactly_when_the_kernel_finds_every_link_inside_it()
    {
        var random = new Random(20261121);
        var (accepted, refused) = (0, new Dictionary<string, int>());
        using var folder = new TemporaryFolder();
        for (var tree = 0; tree < Trees; tree++)
        {
            var root = Directory.CreateDirectory(folder[$"{tree}/x/x/tree"]).FullName;
            var entries = RandomTree(random);
            foreach (var entry in entries)
                Create(root, entry);

            var code = CodeOf(entries);

            var isInside = entries.Where(entry => entry.Kind == EntryKind.SymbolicLink)
                .All(link => FinalPath(Path.Combine(root, link.Path)) is { } end
                    && (end == root || end.StartsWith(root + "/", StringComparison.Ordinal)));
            var shown = string.Join(", ", entries.Select(entry => $"{entry.Path}>{entry.LinkTarget}"));
            Assert.True(isInside == (code.Length == 0), $"tree {tree}: {code}: {shown}");
            if (isInside)
                accepted++;
            else
                refused[code] = refused.GetValueOrDefault(code) + 1;
            Directory.Delete(folder[$"{tree}"], recursive: true);
        }

        Assert.True(accepted > Trees / 20, $"{accepted} accepted");
        Assert.Equal(["LINK_DANGLING", "LINK_ESCAPE", "LINK_LOOP"], refused.Keys.Order());
        Assert.All(refused.Values, count => Assert.True(count >= 3));
    }

    private static List<Entry> RandomTree(Random random)
    {
        var links = Links.Where(_ => random.Next(4) == 0)
            .Select(
                path => new Entry { Path = path, Kind = EntryKind.SymbolicLink, LinkTarget = RandomTarget(random) });
        return [.. Files.Select(path => new Entry { Path = path, Kind = EntryKind.File })
            .Concat(links).OrderBy(entry => entry.Path, StringComparer.Ordinal)];
    }

    private static string RandomTarget(Random random)
    {
        var target = string.Join(
            '/', Enumerable.Range(0, random.Next(1, 5)).Select(_ => Steps[random.Next(Steps.Length)])).TrimStart('/');
        return target.Length == 0 ? "." : target;
    }

    private static string CodeOf(List<Entry> entries)
    {
        var manifest = SampleDocuments.Manifest();
        manifest.HealthCommand.Clear();
        manifest.Entries.Clear();
        manifest.Entries.AddRange(entries);
        var failure = Record.Exception(() => ManifestRules.Check(manifest, ManifestLimits.Default));
        return failure is null ? "" : Assert.IsType<ManifestInvalidException>(failure).Code;
    }

    private static void Create(string root, Entry entry)
    {
        var path = Path.Combine(root, entry.Path);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (entry.Kind == EntryKind.File)
            File.WriteAllBytes(path, []);
        else
            File.CreateSymbolicLink(path, entry.LinkTarget);
    }

    /// <summary>Where a path leads over all links; null when the kernel finds nothing there.</summary>
    private static string? FinalPath(string path)
    {
        var text = realpath(path, IntPtr.Zero);
        if (text == IntPtr.Zero)
            return null;
        try
        {
            return Marshal.PtrToStringUTF8(text);
        }
        finally
        {
            Marshal.FreeHGlobal(text); // malloc's, as realpath's is
        }
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial IntPtr realpath(string path, IntPtr resolved);
}
