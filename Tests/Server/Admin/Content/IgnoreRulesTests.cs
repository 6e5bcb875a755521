using System.Diagnostics;
using ChunkOta.Admin;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Admin.Publishing;

public sealed class IgnoreRulesTests : IDisposable
{
    private static readonly string[] Names = ["a", "b", "ab", "a.c", "b.c", ".x", "a b", "[a]", "é", "a*", "!a", "#a"];

    private static readonly string[] Parts =
    [
        "a", "b", "ab", "*", "**", "?", "*.c", "a*", "*b", "[ab]", "[!a]", "[^b]", "[a-b]", "[]a]", "[[:alpha:]]",
        "[[:nope:]]", "[a", @"\a", @"\*", @"a\*", "**b", "a**", "***", "é", "?é", ".x", "a b", "[[]a]", "[a-]", @"\[a]",
        "[/]", "[!/]", "[--.]", "*.[ac]",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_an_ignore_file_or_an_option_names_is_left_out_and_counted()
    {
        Write("app", "");
        Write("app.pdb", "");
        Write("logs/today", "");
        Write("keep/app.pdb", "");
        Write("sub/.otaignore", "*.tmp\n!/kept.tmp\n");
        Write("sub/a.tmp", "");
        Write("sub/kept.tmp", "");
        Write("sub/deep/kept.tmp", "");
        Write(".otaignore", "# symbols\n*.pdb\n!keep/*.pdb\nlogs/\n");

        using var tree = SourceTree.Scan(_folder.Path, ["deep"]);

        Assert.Equal(["app", "keep/app.pdb", "sub/kept.tmp"], tree.Entries.Select(entry => entry.Path));
        Assert.Equal(4, tree.Excluded);
    }

    [Fact]
    public void A_directory_whose_content_is_left_out_stays_as_an_empty_one()
    {
        Write("logs/today", "");

        using var tree = SourceTree.Scan(_folder.Path, ["logs/*"]);

        var entry = Assert.Single(tree.Entries);
        Assert.Equal(("logs", EntryKind.EmptyDirectory), (entry.Path, entry.Kind));
    }

    [Fact]
    public void What_is_left_out_is_not_even_looked_at()
    {
        Write("app", "");
        using (var fifo = Process.Start("mkfifo", [_folder["fifo"]]))
            fifo.WaitForExit();

        Assert.Equal("TYPE_UNKNOWN", Assert.Throws<ChunkOtaException>(() => SourceTree.Scan(_folder.Path)).Code);
        using var tree = SourceTree.Scan(_folder.Path, ["fifo"]);
        Assert.Equal("app", Assert.Single(tree.Entries).Path);
    }

    [Fact]
    public void An_ignore_file_that_is_not_UTF8_text_is_refused_by_name()
    {
        Write("sub/app", "");
        File.WriteAllText(_folder["sub/.otaignore"], "*.pdb\n", System.Text.Encoding.Unicode);

        var refused = Assert.Throws<ChunkOtaException>(() => SourceTree.Scan(_folder.Path));

        Assert.Equal("CONFIG_INVALID", refused.Code);
        Assert.Contains("sub/.otaignore: it is UTF-16", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ignore_file_may_begin_with_a_mark_and_end_its_lines_in_CRLF()
    {
        Write("app.pdb", "");
        Write("app", "");
        Write(".otaignore", "\ufeff*.pdb\r\n\r\n# none\r\n");

        using var tree = SourceTree.Scan(_folder.Path);

        Assert.Equal("app", Assert.Single(tree.Entries).Path);
    }

    [Fact(Timeout = 60_000)]
    public async Task Patterns_of_many_stars_are_matched_soon()
    {
        Write(string.Concat(Enumerable.Repeat("aaaa/", 60)) + "x", "");
        Write(new string('a', 250), "");
        string[] excludes =
        [
            string.Concat(Enumerable.Repeat("**/a*/", 100)) + "b",
            string.Concat(Enumerable.Repeat("a**/**/", 100)) + "b",
            string.Concat(Enumerable.Repeat("a*", 500)) + "b",
            string.Concat(Enumerable.Repeat("*", 1000)) + "/b",
        ];

        // On another thread, so that the limit of this test can end it.
        var paths = await Task.Run(
            () =>
            {
                using var tree = SourceTree.Scan(_folder.Path, excludes);
                return tree.Entries.Count;
            },
            TestContext.Current.CancellationToken).WaitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(2, paths);
    }

    [Fact]
    public void A_pattern_longer_than_any_path_is_refused()
    {
        Write("app", "");

        var refused = Assert.Throws<ChunkOtaException>(
            () => SourceTree.Scan(_folder.Path, [string.Concat(Enumerable.Repeat("**/", 100_000))]));

        Assert.Equal("CONFIG_INVALID", refused.Code);
        Assert.Contains("the pattern has more than 1024 bytes", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>The judge is git: the same patterns as .gitignore files in a repository of the same tree.</summary>
    [FactIfInstalled("git")]
    public async Task Any_patterns_leave_out_what_git_ignores()
    {
        var random = new Random(1);
        for (var round = 0; round < 100; round++)
        {
            var root = _folder[$"{round}"];
            GrowTree(random, root, depth: 0);
            await GitAsync(root, "init", "-q");
            await GitAsync(root, "config", "core.excludesFile", "/dev/null");

            var ours = Included(root);
            var theirs = await GitAsync(root, "ls-files", "-z", "--others",
                "--exclude-standard");
            var wanted = theirs.Split('\0', StringSplitOptions.RemoveEmptyEntries)
                .Where(path => Path.GetFileName(path) is not (".otaignore" or ".gitignore"))
                .Order(StringComparer.Ordinal).ToList();

            Assert.True(
                wanted.SequenceEqual(ours),
                $"only git publishes {string.Join(", ", wanted.Except(ours))}; only ota-admin publishes "
                + $"{string.Join(", ", ours.Except(wanted))}; patterns: {Patterns(root)}");
            Directory.Delete(root, recursive: true);
        }
    }

    private static string Patterns(string root) => string.Join(
        "; ",
        Directory.GetFiles(root, ".otaignore", SearchOption.AllDirectories)
            .Select(file => $"{file[root.Length..]} {string.Join(" | ", File.ReadAllLines(file))}"));

    private static List<string> Included(string root)
    {
        using var tree = SourceTree.Scan(root, [".git", ".gitignore"]);
        return
        [
            .. tree.Entries.Where(entry => entry.Kind == EntryKind.File).Select(entry => entry.Path)
                .Order(StringComparer.Ordinal),
        ];
    }

    private static void GrowTree(Random random, string folder, int depth)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in Names.OrderBy(_ => random.Next()).Take(depth == 0 ? 8 : 4))
        {
            var path = Path.Combine(folder, name);
            if (depth < 3 && random.Next(2) == 0)
                GrowTree(random, path, depth + 1);
            else
                File.WriteAllText(path, "");
        }

        if (depth > 0 && random.Next(3) > 0)
            return;
        var lines = string.Join(
            random.Next(4) == 0 ? "\r\n" : "\n",
            Enumerable.Range(0, 1 + random.Next(4)).Select(_ => Line(random)));
        File.WriteAllText(Path.Combine(folder, ".otaignore"), lines);
        File.WriteAllText(Path.Combine(folder, ".gitignore"), lines);
    }

    private static string Line(Random random)
    {
        var line = string.Join(
            '/', Enumerable.Range(0, 1 + random.Next(3)).Select(_ => Parts[random.Next(Parts.Length)]));
        if (random.Next(4) == 0)
            line = "/" + line;
        if (random.Next(4) == 0)
            line += "/";
        if (random.Next(3) == 0)
            line = "!" + line;
        return random.Next(20) switch
        {
            0 => line + "  ",
            1 => line + @"\ ",
            2 => "#" + line,
            3 => @"\" + line,
            4 => "",
            _ => line,
        };
    }

    private static async Task<string> GitAsync(string root, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-C", root, .. arguments])
        {
            RedirectStandardOutput = true,
            Environment = { ["GIT_CONFIG_NOSYSTEM"] = "1", ["HOME"] = root },
        };
        using var git = Process.Start(start)!;
        var output = await git.StandardOutput.ReadToEndAsync();
        await git.WaitForExitAsync();
        Assert.Equal(0, git.ExitCode);
        return output;
    }

    private void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllText(_folder[path], content);
    }
}
