using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Delta;

/// <summary>Two releases in memory, a delta between them, and what it makes.</summary>
internal sealed class DeltaPair(DeltaQuality quality = DeltaQuality.Best)
{
    public static readonly Digest From = Digest.Of("from"u8);
    public static readonly Digest To = Digest.Of("to"u8);

    private readonly List<(uint Entry, byte[] Target, uint? BaseEntry)> _files = [];
    private readonly List<byte[]> _bases = [];

    public List<byte[]> Bases => _bases;

    /// <summary>A file of the new release and its base, of the next numbers.</summary>
    public DeltaPair With(byte[] target, byte[]? @base)
    {
        uint? baseEntry = null;
        if (@base is not null)
        {
            baseEntry = (uint)_bases.Count;
            _bases.Add(@base);
        }

        _files.Add(((uint)_files.Count * 2, target, baseEntry));
        return this;
    }

    public DeltaSizes Sizes => new(
        [.. _bases.Select(bytes => (long)bytes.Length)],
        [.. _files.SelectMany(file => new long[] { file.Target.Length, -1 })]);

    public byte[] Encode() => Encode(out _);

    public byte[] Encode(out DeltaFigures figures)
    {
        using var encoder = new DeltaEncoder(From, To, quality, () => new MemoryStream());
        foreach (var (entry, target, baseEntry) in _files)
        {
            if (baseEntry is { } number)
                encoder.Add(entry, new MemoryReader(target), number, new MemoryReader(_bases[(int)number]));
            else
                encoder.Add(entry, new MemoryReader(target));
        }

        using var output = new MemoryStream();
        figures = encoder.Finish(output);
        return output.ToArray();
    }

    public DeltaDecoder Open(byte[] delta) => new(new MemoryReader(delta), From, To, Sizes);

    /// <summary>Every file that a delta makes, from the bases at hand.</summary>
    public List<byte[]> Decode(byte[] delta)
    {
        using var decoder = Open(delta);
        var files = new List<byte[]>();
        while (decoder.MoveNext()) files.Add(Write(decoder));
        return files;
    }

    /// <summary>The file that a decoder has come to.</summary>
    public byte[] Write(DeltaDecoder decoder)
    {
        using var made = new MemoryStream();
        decoder.WriteTo(
            decoder.Current.BaseEntry is { } number ? new MemoryReader(_bases[(int)number]) : null, made.Write);
        return made.ToArray();
    }
}
