using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using ChunkOta.Tests.Server.Calls;
using Google.Protobuf;

namespace ChunkOta.Tests.Store.Model;

/// <summary>A file of the model: the same number, the same content.</summary>
internal sealed record ModelFile(KnownFile Known, IReadOnlyList<VerifiedChunk> Chunks, byte[]? Recipe);

/// <summary>A release of the model.</summary>
internal sealed record ModelRelease(
    string Product, string Version, Digest Manifest, IReadOnlyList<ModelFile> Files)
{
    /// <summary>It was acknowledged and must be there; null while that is not known, since its call never
    /// returned.</summary>
    public bool? IsVisible { get; set; }
}

/// <summary>Contents, few enough that releases share most of them, and chunks so small that thousands are
/// cheap.</summary>
internal static class ModelContent
{
    private const int Count = 96;
    private static readonly CutParameters Cut = new(64, 256, 1024);
    private static readonly ModelFile[] All = [.. Enumerable.Range(0, Count).Select(Make)];

    public static IReadOnlyList<ModelFile> Choose(Random random)
    {
        // Neighbours: releases of about the same time share content, and old content dies out.
        var first = random.Next(Count);
        return [.. Enumerable.Range(first, random.Next(1, 9)).Select(number => All[number % Count])];
    }

    /// <summary>Files by their numbers.</summary>
    public static IReadOnlyList<ModelFile> Files(params ReadOnlySpan<int> numbers)
    {
        List<ModelFile> files = [];
        foreach (var number in numbers) files.Add(All[number]);
        return files;
    }

    public static (NewRelease Release, byte[] Envelope) Describe(
        string product, string version, ulong counter, IReadOnlyList<ModelFile> files)
    {
        var manifest = new Manifest
        {
            Product = product,
            Platform = "any",
            Version = version,
            Counter = counter,
            Cut = Cut.ToDocument(),
        };
        foreach (var (index, file) in files.Index())
        {
            manifest.Entries.Add(new Entry
            {
                Path = $"f{index:00}",
                Kind = EntryKind.File,
                Size = (ulong)file.Known.Size,
                Digest = file.Known.Digest.ToByteString(),
                Recipe = file.Known.Recipe?.ToByteString() ?? ByteString.Empty,
            });
        }

        var payload = manifest.ToByteString();
        var envelope = new Envelope { Payload = payload }.ToByteArray();
        var chunks = files.SelectMany(file => file.Chunks).ToList();
        return (
            new NewRelease
            {
                Product = product,
                Platform = "any",
                Version = version,
                Counter = counter,
                Manifest = Digest.Of(payload.Span),
                ManifestPayloadBytes = payload.Length,
                ManifestEnvelopeBytes = envelope.Length,
                Published = DateTimeOffset.UnixEpoch,
                LogicalBytes = files.Sum(file => file.Known.Size),
                FileCount = files.Count,
                ChunkCount = chunks.Count,
                Files = [.. files.Select(file => file.Known).DistinctBy(file => file.Digest)],
                Chunks = [.. chunks.Select(chunk => chunk.Ref).Distinct()],
            },
            envelope);
    }

    private static ModelFile Make(int number)
    {
        // A third of the files are one chunk.
        var bytes = Tree.Bytes(number, number % 3 == 0 ? 20 + (number % 40) : 200 + (number * 37 % 3000));
        List<VerifiedChunk> chunks = [];
        for (var at = 0; at < bytes.Length;)
        {
            var rest = bytes.AsMemory(at);
            var length = Cut.IsWholeFile(bytes.Length) ? rest.Length : FastCdc.NextCut(rest.Span, Cut, isFinal: true);
            chunks.Add(VerifiedChunk.Of(rest[..length]));
            at += length;
        }

        var recipe = chunks.Count > 1 ? Recipe.Of([.. chunks.Select(chunk => chunk.Ref)]) : null;
        return new ModelFile(
            new KnownFile(Digest.Of(bytes), bytes.Length, recipe?.Digest), chunks, recipe?.ToBytes());
    }
}
