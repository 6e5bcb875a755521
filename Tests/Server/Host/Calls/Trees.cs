using ChunkOta.Chunking;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;
using Google.Protobuf;
using DeltaQuality = ChunkOta.Protos.V1.DeltaQuality;

namespace ChunkOta.Tests.Server.Calls;

/// <summary>
/// Releases that are rebuilt from revision to revision: small changes all over, so that few chunks stay.
/// </summary>
internal static class Trees
{
    /// <summary>A program of a megabyte with a change every 20,000 bytes, a file that moves with its version, one that
    /// stays.</summary>
    public static Tree Revision(int revision)
    {
        var program = Tree.Bytes(77, 1_000_000);
        for (var at = 0; at + 4 < program.Length; at += 20_000) program[at + (revision % 7)] = (byte)revision;
        var library = Tree.Bytes(78, 200_000);
        library[100_000] = (byte)revision;
        return new Tree([.. new[]
        {
            TreeFile.Of("program", program),
            TreeFile.Of($"lib-1.{revision}/core.so", library),
            TreeFile.Of("readme", Tree.Bytes(79, 5000)),
            TreeFile.Of("empty", []),
        }.OrderBy(file => file.Entry.Path, StringComparer.Ordinal)]);
    }

    /// <summary>Waits until a product's queue is empty.</summary>
    public static async Task<ListDeltasResponse> WaitUntilIdleAsync(TestPublisher publisher)
    {
        return await Eventually.Async(
            "the end of all delta jobs",
            async () => await publisher.Administration.ListDeltasAsync(
                new ListDeltasRequest { Product = publisher.Product }),
            list =>
            {
                Assert.DoesNotContain(list.Queued, job => job.State == DeltaJobState.Failed);
                return list.Queued.Count == 0;
            });
    }

    /// <summary>Waits until a product's queue is empty, and returns its only best delta.</summary>
    public static async Task<BuiltDelta> WaitForBestAsync(TestPublisher publisher) =>
        Assert.Single((await WaitUntilIdleAsync(publisher)).Built, delta => delta.Quality == DeltaQuality.Best);

    /// <summary>A delta makes every file whose content the old tree lacks, to the byte.</summary>
    public static void AssertMakes(byte[] delta, ByteString from, Tree old, ByteString to, Tree made)
    {
        var sizes = new DeltaSizes(SizesOf(old), SizesOf(made));
        using var decoder = new DeltaDecoder(new MemoryReader(delta), from.ToDigest(), to.ToDigest(), sizes);
        var given = new List<string>();
        while (decoder.MoveNext())
        {
            var step = decoder.Current;
            var file = made.Files[(int)step.Entry];
            var bytes = new List<byte>();
            decoder.WriteTo(
                step.BaseEntry is { } number ? new MemoryReader(old.Files[(int)number].Content) : null,
                piece => bytes.AddRange(piece));
            Assert.Equal(file.Content, bytes);
            given.Add(file.Entry.Path);
        }

        var held = old.Files.Select(file => file.Entry.Digest).ToHashSet();
        Assert.Equal(
            made.Files.Where(file => file.Content.Length > 0 && !held.Contains(file.Entry.Digest))
                .Select(file => file.Entry.Path),
            given);
    }

    private static long[] SizesOf(Tree tree) => [.. tree.Files.Select(file => (long)file.Content.Length)];
}
