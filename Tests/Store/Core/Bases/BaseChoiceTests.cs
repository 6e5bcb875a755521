using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Deltas;

public sealed class BaseChoiceTests
{
    [Fact]
    public void A_delta_covers_each_content_that_the_old_release_lacks_once_at_its_lowest_entry()
    {
        var from = Listing(("a", "one", 10), ("b", "two", 10));
        var to = Listing(("a", "one", 10), ("c", "two", 10), ("d", "new", 10), ("e", "new", 10), ("f", "other", 10));

        Assert.Equal(["d", "f"], BaseChoice.FindChanged(from, to).Select(file => file.Path));
    }

    [Fact]
    public void A_file_of_the_same_path_is_the_base_whatever_else_there_is() =>
        Assert.Equal("lib/a.dll", BaseOf("lib/a.dll", ["lib/a.dll", "lib/b.dll"], sharedWith: ("lib/b.dll", 90)));

    [Fact]
    public void A_moved_file_is_found_by_the_chunks_it_shares() =>
        Assert.Equal(
            "old/engine", BaseOf("new/motor", ["old/engine", "old/motor.txt"], sharedWith: ("old/engine", 50)));

    [Fact]
    public void A_name_counts_for_more_than_a_few_shared_chunks() =>
        Assert.Equal("main.3f2a.js", BaseOf("main.77bc.js", ["main.3f2a.js", "zeros"], sharedWith: ("zeros", 5)));

    [Fact]
    public void A_few_shared_chunks_are_better_than_nothing() =>
        Assert.Equal("zeros", BaseOf("fresh", ["other", "zeros"], sharedWith: ("zeros", 5)));

    [Theory]
    [InlineData("app-3.4.1/lib/core.dll", "app-3.4.0/lib/core.dll", "app-3.4.0/lib/core.txt")]
    [InlineData("main.77bc.js", "main.3f2a.js", "vendor.3f2a.js")]
    [InlineData("assets/index-DkfYsXaP.js", "assets/index-BqWmRtZe.js", "assets/index.html")]
    [InlineData("17.77bcdd01.js", "17.3f2a0102.js", "18.3f2a0102.js")]
    [InlineData("lib/libssl.so.3.0.9", "lib/libssl.so.3.0.8", "lib/libcrypto.so.3.0.8")]
    [InlineData("data/v12/table.bin", "data/v11/table.bin", "data/v11/index.bin")]
    public void A_name_that_differs_in_version_or_hash_only_is_the_base(string target, string @base, string other) =>
        Assert.Equal(@base, BaseOf(target, [@base, other]));

    [Fact]
    public void Files_of_a_renamed_directory_stand_where_they_stood_before()
    {
        var from = Listing(
            ("one/same.txt", "same", 10), ("one/sub/tool", "tool 1", 100), ("two/sub/tool", "tool 2", 100));
        var to = Listing(
            ("uno/same.txt", "same", 10), ("uno/sub/tool", "tool 3", 100), ("two/sub/tool", "tool 2", 100));

        var chosen = Assert.Single(Choose(from, to));

        Assert.Equal(("uno/sub/tool", "one/sub/tool"), (chosen.Target.Path, chosen.Base?.Path));
    }

    [Fact]
    public void The_same_name_elsewhere_will_do_if_the_size_is_alike()
    {
        Assert.Equal("a/tool.exe", BaseOf("b/c/tool.exe", ["a/tool.exe", "b/c/other.bin"]));
        Assert.Null(BaseOf("b/c/tool.exe", ["b/other.bin"]));

        var from = Listing(("a/tool.exe", "small", 10));
        var to = Listing(("b/tool.exe", "large", 1000));
        Assert.Null(Assert.Single(Choose(from, to)).Base);
    }

    [Fact]
    public void A_file_that_is_gone_goes_before_one_that_is_still_there()
    {
        var from = Listing(("x/tool.exe", "1", 100), ("y/tool.exe", "2", 100));
        var to = Listing(("x/tool.exe", "1", 100), ("z/tool.exe", "3", 100));

        Assert.Equal("y/tool.exe", Assert.Single(Choose(from, to)).Base?.Path);
    }

    [Fact]
    public void Many_files_of_one_pattern_find_each_the_nearest_name_then_size()
    {
        var from = Listing(
            [.. Enumerable.Range(0, 500).Select(i => ($"chunks/{i}.{i:x8}a1.js", $"old {i}", 1000 + i))]);
        var to = Listing(
            [.. Enumerable.Range(0, 500).Select(i => ($"chunks/{i}.{i + 7000:x8}b2.js", $"new {i}", 1000 + i))]);

        Assert.All(Choose(from, to), chosen =>
            Assert.Equal(chosen.Target.Path.Split('.')[0], chosen.Base!.Path.Split('.')[0]));
    }

    [Theory]
    [InlineData("3f2a", true)]
    [InlineData("deadbeef", true)]
    [InlineData("BX9akQ2z", true)]
    [InlineData("DkfYsXaP", true)]
    [InlineData("main", false)]
    [InlineData("cafe", false)]
    [InlineData("2024", false)]
    [InlineData("x86", false)]
    [InlineData("utf8", false)]
    [InlineData("Collections", false)]
    public void A_hash_is_told_from_a_word(string word, bool isHash) => Assert.Equal(isHash, NamePattern.IsHash(word));

    [Fact]
    public void Of_files_that_share_chunks_the_one_that_shares_most_bytes_is_found()
    {
        var overlap = new ChunkOverlap();
        overlap.Add(1, [Chunk(1, 10), Chunk(2, 10)]);
        overlap.Add(2, [Chunk(3, 30)]);

        Assert.Equal((2u, 30L), overlap.FindMost([Chunk(1, 10), Chunk(2, 10), Chunk(3, 30), Chunk(4, 99)]));
        Assert.Null(overlap.FindMost([Chunk(5, 10)]));
    }

    [Fact]
    public void A_chunk_that_is_everywhere_says_nothing()
    {
        var overlap = new ChunkOverlap();
        for (uint entry = 0; entry < 100; entry++) overlap.Add(entry, [Chunk(0, 10)]);

        Assert.Null(overlap.FindMost([Chunk(0, 10)]));
    }

    /// <summary>The base of one new file of 100 bytes, among old files of the same length.</summary>
    private static string? BaseOf(string target, string[] old, (string Path, long Bytes)? sharedWith = null)
    {
        var from = Listing([.. old.Select(path => (path, $"old {path}", 100))]);
        var to = Listing((target, "new", 100));
        return Assert.Single(BaseChoice.Choose(
            from, to, BaseChoice.FindChanged(from, to),
            _ => sharedWith is { } shared ? (from.Find(shared.Path)!.Entry, shared.Bytes) : null)).Base?.Path;
    }

    private static IReadOnlyList<PairedFile> Choose(ReleaseListing from, ReleaseListing to) =>
        BaseChoice.Choose(from, to, BaseChoice.FindChanged(from, to), _ => null);

    private static ReleaseListing Listing(params (string Path, string Content, int Size)[] files)
    {
        Array.Sort(files, (one, other) => ReleasePath.Compare(one.Path, other.Path));
        return new ReleaseListing(
            CutParameters.Default,
            [.. files.Select((file, entry) => new ReleaseFile(
                (uint)entry, file.Path, file.Size, Digest.Of(System.Text.Encoding.UTF8.GetBytes(file.Content)), null))],
            [.. files.Select(file => (long)file.Size)]);
    }

    private static ChunkRef Chunk(int name, int length) => new(Digest.Of([(byte)name, (byte)(name >> 8)]), length);
}
