using System.Text;
using ChunkOta.Agent;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Tests.Agent.Support;

/// <summary>A release made of bytes at hand: its manifest, its recipes, its chunks.</summary>
internal sealed class TestRelease
{
    /// <summary>Small chunks, so that small files have several.</summary>
    public static readonly CutParameters Cut = new(256, 1024, 4096, 0);

    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    public TestRelease(string version, ulong counter)
    {
        Manifest = new Manifest
        {
            Product = "editor",
            Platform = "linux-x64",
            Version = version,
            Counter = counter,
            PublishedUnixSeconds = 1_790_000_000,
            Cut = Cut.ToDocument(),
            Portable = true,
        };
    }

    public Manifest Manifest { get; }

    /// <summary>The chunks of every file, by the entry's path.</summary>
    public Dictionary<string, IReadOnlyList<ChunkRef>> Chunks { get; } = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, byte[]> Files => _files;

    /// <summary>Bytes that are the same for the same seed and do not compress.</summary>
    public static byte[] Random(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public TestRelease File(string path, byte[] content, bool executable = false)
    {
        _files.Add(path, content);
        var chunks = CutUp(content);
        Chunks.Add(path, chunks);
        return Add(new Entry
        {
            Path = path,
            Kind = EntryKind.File,
            Size = (ulong)content.Length,
            Executable = executable,
            Digest = content.Length == 0 ? ByteString.Empty : Digest.Of(content).ToByteString(),
            Recipe = chunks.Count < 2 ? ByteString.Empty : Recipe.Of(chunks).Digest.ToByteString(),
        });
    }

    public TestRelease File(string path, string content) => File(path, Encoding.UTF8.GetBytes(content));

    public TestRelease EmptyDirectory(string path) => Add(new Entry { Path = path, Kind = EntryKind.EmptyDirectory });

    public TestRelease Link(string path, string target) =>
        Add(new Entry { Path = path, Kind = EntryKind.SymbolicLink, LinkTarget = target });

    public TestRelease With(Action<Manifest> change)
    {
        change(Manifest);
        return this;
    }

    /// <summary>The bytes of a chunk of an entry.</summary>
    public byte[] ChunkOf(string path, int index)
    {
        var offset = Chunks[path].Take(index).Sum(chunk => chunk.Length);
        return _files[path].AsSpan(offset, Chunks[path][index].Length).ToArray();
    }

    /// <summary>What the engine sees of it.</summary>
    public ReleaseContents Contents => new(Manifest, Manifest.Entries, Digest.Of(Manifest.ToByteArray()));

    /// <summary>The chunks that the cutter makes.</summary>
    public static IReadOnlyList<ChunkRef> CutUp(byte[] content)
    {
        var chunks = new List<ChunkRef>();
        for (var rest = content.AsSpan(); rest.Length > 0;)
        {
            var length = FastCdc.NextCut(rest, Cut, isFinal: true);
            chunks.Add(new ChunkRef(Digest.Of(rest[..length]), length));
            rest = rest[length..];
        }
        return chunks;
    }

    private TestRelease Add(Entry entry)
    {
        var entries = Manifest.Entries.Append(entry)
            .OrderBy(e => e.Path, Comparer<string>.Create((a, b) =>
                Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(b))))
            .ToList();
        Manifest.Entries.Clear();
        Manifest.Entries.Add(entries);
        return this;
    }
}
