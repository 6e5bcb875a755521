using System.Text.Json;
using ChunkOta.Protos;
using ChunkOta.Tests.Protos.Documents;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Protos.Paths;

/// <summary>Every named case of Tests/Fixtures/paths, through a whole signed manifest.</summary>
public sealed class PathCorpusTests
{
    private const int FewestCases = 300;

    public static TheoryData<string, string> Cases { get; } = ReadCases();

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_manifest_is_judged_by_its_paths(string file, string name)
    {
        var test = Read(file).Single(test => test.GetProperty("name").GetString() == name);
        var manifest = ManifestOf(test);
        var envelope = SampleDocuments.Sign(manifest, SampleDocuments.ReleaseKey);

        var failure = Record.Exception(() => VerifiedManifest.Verify(envelope, SampleDocuments.TrustedRoot));

        var code = failure is null ? "" : Assert.IsType<ManifestInvalidException>(failure).Code;
        Assert.Equal(test.GetProperty("code").GetString(), code);
        if (failure is not null)
            Assert.DoesNotContain(failure.Message, char.IsControl);
    }

    [Fact]
    public void The_corpus_is_whole_and_names_every_code_of_paths_and_links()
    {
        var codes = Files().SelectMany(Read).Select(test => test.GetProperty("code").GetString()).ToHashSet();
        var known = ErrorMeaning.All.Select(meaning => meaning.Code)
            .Where(code => code.StartsWith("PATH_", StringComparison.Ordinal)
                || code.StartsWith("LINK_", StringComparison.Ordinal))
            .Except([ErrorCodes.PathMany]);

        Assert.True(Cases.Count >= FewestCases, $"{Cases.Count} cases");
        Assert.Empty(known.Except(codes));
    }

    private static Manifest ManifestOf(JsonElement test)
    {
        var manifest = SampleDocuments.Manifest();
        manifest.HealthCommand.Clear();
        manifest.Entries.Clear();
        manifest.Portable = !test.TryGetProperty("portable", out var portable) || portable.GetBoolean();
        manifest.ExternalLinks = test.TryGetProperty("external_links", out var external) && external.GetBoolean();
        var entries = test.GetProperty("entries").EnumerateArray().Select(EntryOf);
        var isOrderKept = test.TryGetProperty("keep_order", out var order) && order.GetBoolean();
        manifest.Entries.AddRange(isOrderKept
            ? entries
            : entries.OrderBy(entry => entry.Path, Comparer<string>.Create(ReleasePath.Compare)));
        return manifest;
    }

    private static Entry EntryOf(JsonElement entry)
    {
        if (entry.ValueKind == JsonValueKind.String)
            return new Entry { Path = entry.GetString(), Kind = EntryKind.File };
        if (entry.TryGetProperty("link", out var link))
            return new Entry
            {
                Path = link.GetString(),
                Kind = EntryKind.SymbolicLink,
                LinkTarget = entry.GetProperty("to").GetString()
            };
        if (entry.TryGetProperty("dir", out var directory))
            return new Entry { Path = directory.GetString(), Kind = EntryKind.EmptyDirectory };
        return new Entry
        {
            Path = entry.GetProperty("path").GetString(),
            Kind = (EntryKind)entry.GetProperty("kind").GetInt32()
        };
    }

    private static TheoryData<string, string> ReadCases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var file in Files())
            foreach (var test in Read(file))
                cases.Add(file, test.GetProperty("name").GetString()!);
        return cases;
    }

    private static IEnumerable<string> Files() =>
        Directory.GetFiles(Repository.PathOf("Tests/Fixtures/paths"), "*.json")
            .Order().Select(path => Path.GetFileName(path));

    private static JsonElement[] Read(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Repository.PathOf($"Tests/Fixtures/paths/{file}")));
        return [.. json.RootElement.Clone().EnumerateArray()];
    }
}
