using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;
using static ChunkOta.Tests.Protos.Documents.SampleDocuments;

namespace ChunkOta.Tests.Protos.Documents;

public sealed class ManifestRulesTests
{
    private static readonly ByteString SomeDigest = Digest.Of("some"u8).ToByteString();

    public static TheoryData<string, Action<Manifest>> Broken => new()
    {
        { "no product", manifest => manifest.Product = "" },
        { "a product that is no name", manifest => manifest.Product = "../demo" },
        { "no platform", manifest => manifest.Platform = "" },
        { "a platform in capitals", manifest => manifest.Platform = "Linux-x64" },
        { "no version", manifest => manifest.Version = "" },
        { "a version with build metadata", manifest => manifest.Version = "1.2.3+4" },
        { "build metadata that is none", manifest => manifest.Build = "a..b" },
        { "long build metadata", manifest => manifest.Build = new string('b', 129) },
        { "a version of two numbers", manifest => manifest.Version = "1.2" },
        { "no counter", manifest => manifest.Counter = 0 },
        { "a floor above the counter", manifest => manifest.Floor = manifest.Counter + 1 },
        { "no time", manifest => manifest.PublishedUnixSeconds = 0 },
        { "a time before 1970", manifest => manifest.PublishedUnixSeconds = -5 },
        { "a time after the year 9999", manifest => manifest.PublishedUnixSeconds = 253_402_300_800 },
        { "no cut parameters", manifest => manifest.Cut = null },
        { "cut parameters of zero", manifest => manifest.Cut = new() },
        { "a maximum above 512 KiB", manifest => manifest.Cut.MaxBytes = (512 * 1024) + 1 },
        { "a maximum above 2 GiB", manifest => manifest.Cut.MaxBytes = uint.MaxValue },
        { "a minimum above the average", manifest => manifest.Cut.MinBytes = 128 * 1024 },
        { "65 mutable patterns", manifest => manifest.Mutable.Add(Enumerable.Repeat("*.log", 65)) },
        { "an empty mutable pattern", manifest => manifest.Mutable.Add("") },
        { "a mutable pattern with a NUL", manifest => manifest.Mutable.Add("a\0") },
        { "a long mutable pattern", manifest => manifest.Mutable.Add(new string('a', 1025)) },
        { "long notes", manifest => manifest.Notes = new string('n', (64 * 1024) + 1) },
        { "notes that are long in UTF-8", manifest => manifest.Notes = new string('ä', (32 * 1024) + 1) },
        { "a health command that is not there", manifest => manifest.HealthCommand[0] = "bin/other" },
        { "a health command that is not executable", manifest => manifest.HealthCommand[0] = "empty" },
        { "a health command that is a link", manifest => manifest.HealthCommand[0] = "demo" },
        { "a health command that is a directory", manifest => manifest.HealthCommand[0] = "bin" },
        { "a health command outside", manifest => manifest.HealthCommand[0] = "/bin/sh" },
        { "a health command of 65 arguments", manifest => manifest.HealthCommand.AddRange(Enumerable.Repeat("x", 63)) },
        { "a NUL in a health argument", manifest => manifest.HealthCommand.Add("a\0b") },
        { "a long health argument", manifest => manifest.HealthCommand.Add(new string('x', 4097)) },
        { "a file without a digest", manifest => manifest.Entries[0].Digest = ByteString.Empty },
        { "a file with a short digest", manifest => manifest.Entries[0].Digest = ByteString.CopyFrom(new byte[31]) },
        { "a file with a long digest", manifest => manifest.Entries[0].Digest = ByteString.CopyFrom(new byte[33]) },
        { "an empty file with a digest", manifest => manifest.Entries[3].Digest = SomeDigest },
        { "an empty file with a recipe", manifest => manifest.Entries[3].Recipe = SomeDigest },
        { "a file of one chunk with a recipe", manifest => manifest.Entries[0].Recipe = SomeDigest },
        { "a file of exactly the minimum with a recipe", manifest => { manifest.Entries[4].Size = 16 * 1024; } },
        { "a large file without a recipe", manifest => manifest.Entries[4].Recipe = ByteString.Empty },
        { "a file just above the maximum without a recipe", manifest =>
            { manifest.Entries[4].Size = (256 * 1024) + 1; manifest.Entries[4].Recipe = ByteString.Empty; } },
        { "a recipe's digest that is short",
            manifest => manifest.Entries[4].Recipe = ByteString.CopyFrom(new byte[31]) },
        { "a file with a target", manifest => manifest.Entries[0].LinkTarget = "x" },
        { "a size of 2^63", manifest => manifest.Entries[4].Size = 1UL << 63 },
        { "a size of 2^64 - 1", manifest => manifest.Entries[4].Size = ulong.MaxValue },
        { "sizes that overflow together", manifest => { manifest.Entries[4].Size = long.MaxValue; } },
        { "a directory with a size", manifest => manifest.Entries[1].Size = 1 },
        { "a directory with a digest", manifest => manifest.Entries[1].Digest = SomeDigest },
        { "a directory with a recipe", manifest => manifest.Entries[1].Recipe = SomeDigest },
        { "a directory with a target", manifest => manifest.Entries[1].LinkTarget = "bin" },
        { "a directory that is executable", manifest => manifest.Entries[1].Executable = true },
        { "a link with a size", manifest => manifest.Entries[2].Size = 1 },
        { "a link with a digest", manifest => manifest.Entries[2].Digest = SomeDigest },
        { "a link that is executable", manifest => manifest.Entries[2].Executable = true },
        { "entries out of order", manifest => (manifest.Entries[3].Path, manifest.Entries[4].Path) = ("x", "e") },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_manifest_that_breaks_a_rule_is_invalid(string what, Action<Manifest> breakIt)
    {
        var manifest = Manifest();
        breakIt(manifest);

        Assert.True(CodeOf(() => ManifestRules.Check(manifest, ManifestLimits.Default)) == "MANIFEST_INVALID", what);
    }

    public static TheoryData<string, Action<Manifest>> Kept => new()
    {
        { "a file between minimum and maximum without a recipe", manifest =>
            { manifest.Entries[4].Size = 256 * 1024; manifest.Entries[4].Recipe = ByteString.Empty; } },
        { "a file just above the minimum with a recipe", manifest => manifest.Entries[4].Size = (16 * 1024) + 1 },
        { "sizes that just fit together", manifest => manifest.Entries[4].Size = long.MaxValue - 5 },
        { "nothing at all", manifest => { manifest.HealthCommand.Clear(); manifest.Entries.Clear(); } },
        { "build metadata", manifest => manifest.Build = "001.sha-5114f85" },
        { "build metadata of 128 characters", manifest => manifest.Build = new string('b', 128) },
        { "a platform for all", manifest => manifest.Platform = "any" },
        { "a floor of its own", manifest => manifest.Floor = manifest.Counter },
        { "64 mutable patterns of 1,024 bytes",
            manifest => manifest.Mutable.Add(Enumerable.Repeat(new string('a', 1024), 64)) },
        { "notes of 64 KiB", manifest => manifest.Notes = new string('n', 64 * 1024) },
        { "the largest counter", manifest => manifest.Counter = ulong.MaxValue },
    };

    [Theory]
    [MemberData(nameof(Kept))]
    public void A_manifest_at_the_edge_of_a_rule_keeps_it(string what, Action<Manifest> change)
    {
        var manifest = Manifest();
        change(manifest);

        Assert.True(Record.Exception(() => ManifestRules.Check(manifest, ManifestLimits.Default)) is null, what);
    }

    [Fact]
    public void A_lone_surrogate_is_refused_in_paths_and_targets()
    {
        Assert.Equal("PATH_CHARS", CodeOf(() => ReleasePath.Parse("a\ud800b")));
        Assert.Equal("PATH_CHARS", CodeOf(() => ReleasePath.Parse("a\udc00")));
        var manifest = Manifest();
        manifest.ExternalLinks = true;
        manifest.Entries[2].LinkTarget = "\udfff";
        Assert.Equal("PATH_CHARS", CodeOf(() => ManifestRules.Check(manifest, ManifestLimits.Default)));
    }

    [Fact]
    public void A_message_names_the_entry_on_one_line_whatever_its_name_is()
    {
        var failure = Assert.Throws<ManifestInvalidException>(() => ReleasePath.Parse("a\u001b[31m\nb\u202e"));

        Assert.Contains(@"a\u{1b}[31m\u{a}b\u{202e}", failure.Message, StringComparison.Ordinal);
    }

    // A quarter of a million files in a deep tree: the work grows with the text, no faster.
    [Fact]
    public void A_release_at_the_limit_of_entries_is_checked_in_memory_that_grows_with_it()
    {
        var manifest = Manifest();
        manifest.HealthCommand.Clear();
        manifest.Entries.Clear();
        for (var index = 0; index < 250_000; index++)
            manifest.Entries.Add(new Entry
            {
                Path = $"a/b/c/d{index / 10_000:00}/e{index / 100 % 100:00}/f{index % 100:00}",
                Kind = EntryKind.File,
            });

        var before = GC.GetAllocatedBytesForCurrentThread();
        ManifestRules.Check(manifest, ManifestLimits.Default);
        var perEntry = (GC.GetAllocatedBytesForCurrentThread() - before) / 250_000;

        Assert.True(perEntry < 1_000, $"{perEntry} bytes an entry");
    }
}
