using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>A file of a test's release, cut and hashed.</summary>
internal sealed record TreeFile(Entry Entry, byte[] Content, IReadOnlyList<VerifiedChunk> Chunks, Recipe? Recipe)
{
    public static TreeFile Of(string path, byte[] content)
    {
        var chunks = Cut(content);
        var recipe = chunks.Count > 1 ? Recipe.Of([.. chunks.Select(chunk => chunk.Ref)]) : null;
        var entry = new Entry
        {
            Path = path,
            Kind = EntryKind.File,
            Size = (ulong)content.Length,
            Digest = content.Length == 0 ? ByteString.Empty : Digest.Of(content).ToByteString(),
            Recipe = recipe?.Digest.ToByteString() ?? ByteString.Empty,
        };
        return new TreeFile(entry, content, chunks, recipe);
    }

    private static List<VerifiedChunk> Cut(byte[] content)
    {
        var cut = CutParameters.Default;
        var chunks = new List<VerifiedChunk>();
        for (var at = 0; at < content.Length;)
        {
            var rest = content.AsMemory(at);
            var length = cut.IsWholeFile(content.Length) ? rest.Length : FastCdc.NextCut(rest.Span, cut, isFinal: true);
            chunks.Add(VerifiedChunk.Of(rest[..length]));
            at += length;
        }

        return chunks;
    }
}

/// <summary>A test's release tree.</summary>
internal sealed record Tree(IReadOnlyList<TreeFile> Files)
{
    /// <summary>Files of seeded random bytes: the same seed and length give the same content.</summary>
    public static Tree Of(params ReadOnlySpan<(string Path, int Seed, int Length)> files)
    {
        var made = new List<TreeFile>();
        foreach (var (path, seed, length) in files) made.Add(TreeFile.Of(path, Bytes(seed, length)));
        return new Tree([.. made.OrderBy(file => file.Entry.Path, StringComparer.Ordinal)]);
    }

    public static byte[] Bytes(int seed, int length)
    {
        var bytes = new byte[length];
#pragma warning disable CA5394 // Test content, not secrets.
        new Random(seed).NextBytes(bytes);
#pragma warning restore CA5394
        return bytes;
    }
}

/// <summary>Chunks into frames, as a client does it.</summary>
internal static class Frames
{
    public static IEnumerable<IReadOnlyList<VerifiedChunk>> Group(IEnumerable<VerifiedChunk> chunks)
    {
        var group = new List<VerifiedChunk>();
        foreach (var chunk in chunks)
        {
            if (group.Sum(c => c.Length) + chunk.Length > ChunkFrame.MaxPlainBytes)
            {
                yield return group;
                group = [];
            }

            group.Add(chunk);
        }

        if (group.Count != 0) yield return group;
    }

    public static (byte[] Frame, uint[] Lengths) Encode(IReadOnlyList<VerifiedChunk> chunks, ZstdEncoder encoder)
    {
        byte[] plain = [.. chunks.SelectMany(chunk => chunk.Plain.ToArray())];
        var frame = new byte[ChunkFrame.MaxStoredBytes];
        var length = ChunkFrame.Encode(plain, frame, encoder);
        return (frame[..length], [.. chunks.Select(chunk => (uint)chunk.Length)]);
    }
}
