using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Storage;

namespace ChunkOta.Perf;

/// <summary>
/// Encodes and decodes the delta of two trees once, as server and agent do, and verifies every file.
/// </summary>
internal sealed class DeltaPass(TreeFiles from, TreeFiles to, DeltaQuality quality)
{
    private const int ScratchBufferBytes = 64 * 1024;

    private static readonly Digest From = Digest.Of("from"u8);
    private static readonly Digest To = Digest.Of("to"u8);

    public ProcessCost Encoding { get; private set; }

    public ProcessCost Decoding { get; private set; }

    public long ObjectBytes { get; private set; }

    /// <summary>Encodes the files, decodes them and compares each with its digest.</summary>
    /// <param name="files">The files that the delta produces.</param>
    /// <param name="most">The most bytes that are used of each base and target. A part of a file has no digest to
    /// compare with; it only has to decode.</param>
    public void Run(IReadOnlyList<PairedFile> files, long most = long.MaxValue)
    {
        using var delta = ScratchStream.Create(Path.GetTempPath());
        Encoding = ProcessCost.Of(() => Encode(files, most, delta));
        ObjectBytes = delta.Length;
        Decoding = ProcessCost.Of(() => Decode(files, most, delta));
    }

    private void Encode(IReadOnlyList<PairedFile> files, long most, ScratchStream delta)
    {
        using var encoder = new DeltaEncoder(
            From, To, quality,
            () => new BufferedStream(ScratchStream.Create(Path.GetTempPath()), ScratchBufferBytes));
        foreach (var (file, old) in files)
        {
            using var target = to.Open(file, most);
            using var @base = old is null ? null : from.Open(old, most);
            if (@base is null) encoder.Add(file.Entry, target);
            else encoder.Add(file.Entry, target, old!.Entry, @base);
        }

        encoder.Finish(delta);
    }

    private void Decode(IReadOnlyList<PairedFile> files, long most, ScratchStream delta)
    {
        var sizes = new DeltaSizes(
            [.. from.Listing.Sizes.Select(size => Math.Min(size, most))],
            [.. to.Listing.Sizes.Select(size => Math.Min(size, most))]);
        using var decoder = new DeltaDecoder(new ScratchReader(delta, CancellationToken.None), From, To, sizes);
        var hasher = new Blake3Hasher();
        foreach (var (file, old) in files)
        {
            if (!decoder.MoveNext() || decoder.Current.Entry != file.Entry)
                throw new InvalidDataException($"the delta does not give {file.Path}");
            using var @base = decoder.Current.BaseEntry is null ? null : from.Open(old!, most);
            hasher.Reset();
            decoder.WriteTo(@base, hasher.Append);
            if (hasher.Finish() != file.Digest && file.Size <= most)
                throw new InvalidDataException($"the delta does not make {file.Path}");
        }
    }
}
