using System.Text;
using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;

namespace ChunkOta.Tests.Store;

/// <summary>What runs in a process that will be killed: a line on stdout is a promise that must hold
/// afterwards.</summary>
internal static class CrashScenarios
{
    public static Dictionary<string, Func<string, Task>> All { get; } = new()
    {
        ["replace"] = ReplaceAsync,
        ["state"] = StateAsync,
        ["object"] = folder => PutAsync(folder, 1),
        ["objects"] = folder => PutAsync(folder, 17),
        ["publish"] = PublishAsync,
        ["collect"] = CollectScenario.RunAsync,
        ["signals"] = _ => ShowSignals(),
    };

    public static byte[] Content(int seed)
    {
        var bytes = new byte[1000];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static ObjectContent Object(int seed) => new(ObjectName.Recipe(Digest.Of(Content(seed))), Content(seed));

    public static NewRelease Release(int number)
    {
        var chunk = new ChunkRef(Digest.Of(Content(number)), 1000);
        return new NewRelease
        {
            Product = "app",
            Platform = "any",
            Version = $"1.0.{number}",
            Counter = (ulong)number,
            Manifest = Digest.Of(Encoding.ASCII.GetBytes($"manifest {number}")),
            ManifestPayloadBytes = 10,
            ManifestEnvelopeBytes = 10,
            Published = DateTimeOffset.UnixEpoch,
            LogicalBytes = 1000,
            FileCount = 1,
            ChunkCount = 1,
            Files = [new KnownFile(chunk.Hash, 1000, null)],
            Chunks = [chunk],
        };
    }

    private static Task ReplaceAsync(string folder)
    {
        AtomicFile.Replace(Path.Combine(folder, "file"), "new"u8);
        return PromiseAsync("new");
    }

    /// <summary>Becomes a program that shows which signals it ignores and blocks.</summary>
    private static Task ShowSignals()
    {
        ProgramLaunch.Replace(new LaunchOrder(
            "/bin/grep", ["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"], ["PATH=/usr/bin:/bin"]));
        return Task.CompletedTask;
    }

    private static async Task StateAsync(string folder)
    {
        var state = new TwoGenerationFile(Path.Combine(folder, "state"));
        for (byte i = 1; i <= 3; i++)
        {
            state.Write([i]);
            await PromiseAsync($"{i}");
        }
    }

    private static async Task PutAsync(string folder, int count)
    {
        var store = FileObjectStore.Open(folder);
        await store.PutManyAsync([.. Enumerable.Range(0, count).Select(Object)]);
        await PromiseAsync("put");
    }

    private static async Task PublishAsync(string folder)
    {
        using var data = DataFolder.Open(folder);
        var store = FileObjectStore.Open(data.ObjectsPath);
        await using var catalogue = SqliteCatalogue.Open(data.CataloguePath, TimeProvider.System);
        await catalogue.Identities.CreateProductAsync(
            new NewProduct("app", null, new RootRecord(1, Digest.Of("root"u8), DateTimeOffset.MaxValue, new byte[1])));
        for (var number = 1; number <= 2; number++)
        {
            var release = Release(number);
            var lease = await catalogue.Publishes.BeginAsync(new NewPublish
            {
                Product = "app",
                Platform = "any",
                Version = release.Version,
                Channel = "stable",
                Allowances = Allowances.Empty | Allowances.Shrink,
            });
            using var writer = new PackWriter();
            writer.Add(Content(number), [VerifiedChunk.Of(Content(number))]);
            var pack = writer.Seal();
            await store.PutAsync(pack.Name, pack.Bytes);
            await catalogue.Chunks.AddPackAsync(pack.Contents, lease.Id);
            await store.PutAsync(ObjectName.Manifest(release.Manifest), Encoding.ASCII.GetBytes($"manifest {number}"));
            await catalogue.Releases.CommitAsync(lease.Id, release, new NewPointer
            {
                Product = "app",
                Platform = "any",
                Channel = "stable",
                Seq = (ulong)number,
                Digest = Digest.Of([(byte)number]),
                Current = release.Manifest,
                Counter = release.Counter,
                Issued = DateTimeOffset.UnixEpoch,
                Expires = DateTimeOffset.MaxValue,
                Envelope = new byte[1],
            });
            await PromiseAsync($"{number}");
        }
    }

    internal static async Task PromiseAsync(string line)
    {
        await Console.Out.WriteLineAsync(line);
        await Console.Out.FlushAsync();
    }
}
