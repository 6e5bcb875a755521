using ChunkOta.Agent;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Tests.Agent.Planning;

/// <summary>What a release of very many files takes in memory: little more than its manifest's bytes.</summary>
[Collection(Alone)]
public sealed class ManyFilesTests
{
    private const string Alone = "Memory of the whole process";

    private const int Files = 40_000;

    /// <summary>Bytes for each file beside the manifests: its indexes in both,
    /// its number in the old release and its choice are 32.</summary>
    private const int BytesPerFile = 64;

    [Fact]
    public void Planning_an_upgrade_keeps_a_few_bytes_for_each_file()
    {
        var (old, changed) = (Payload(0), Payload(1));
        Plan(old, changed);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var plan = Plan(old, changed);
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.True(kept < Files * BytesPerFile, $"{kept} bytes are kept of {Files} files");
        Assert.Equal(Files / 100, plan.Choices.Count(choice => choice.Action == FileAction.Chunks));
        GC.KeepAlive(plan);
    }

    [Fact]
    public void Checking_a_manifest_keeps_nothing()
    {
        var payload = Payload(0);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var (head, entries) = ManifestEntries.Read(payload, ManifestLimits.Default);
        ManifestRules.Check(head, entries, ManifestLimits.Default);
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;

        Assert.True(kept < Files * BytesPerFile / 4, $"{kept} bytes are kept of {Files} entries");
        Assert.Equal(Files, entries.Count);
    }

    [CollectionDefinition(Alone, DisableParallelization = true)]
    public sealed class AloneDefinition;

    private static (ReleaseContents Old, LocalFiles Local, FileChoice[] Choices) Plan(byte[] old, byte[] changed)
    {
        var (held, target) = (Contents(old), Contents(changed));
        var local = new LocalFiles(target, (0, held));
        local.Add(0, held);
        return (held, local, Planner.Choose(target, local, _ => false));
    }

    private static ReleaseContents Contents(byte[] payload)
    {
        var (head, entries) = ManifestEntries.Read(payload, ManifestLimits.Default);
        return new ReleaseContents(head, entries, Digest.Of(payload));
    }

    /// <summary>A manifest in which every hundredth file is of a revision.</summary>
    private static byte[] Payload(int revision) => new Manifest
    {
        Product = "app",
        Platform = "any",
        Version = $"1.{revision}.0",
        Counter = 1,
        PublishedUnixSeconds = 1_790_000_000,
        Cut = CutParameters.Default.ToDocument(),
        Portable = true,
        Entries =
        {
            Enumerable.Range(0, Files).Select(i => new Entry
            {
                Path = $"node_modules/package-{i / 100:d4}/lib/a-name-as-they-are/file{i % 100:d2}.js",
                Kind = EntryKind.File,
                Size = 100,
                Digest = Digest.Of(BitConverter.GetBytes(i % 100 == 0 ? i + ((long)revision << 32) : i)).ToByteString(),
            }),
        },
    }.ToByteArray();
}
