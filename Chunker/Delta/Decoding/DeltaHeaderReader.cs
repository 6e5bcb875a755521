namespace ChunkOta.Chunking;

/// <summary>Reads the header of a delta and checks it against the signed manifests.</summary>
internal static class DeltaHeaderReader
{
    /// <summary>Reads the header of a delta between two known releases.</summary>
    /// <param name="delta">The object.</param>
    /// <param name="from">Digest of the manifest of the installed release.</param>
    /// <param name="to">Digest of the manifest of the new release.</param>
    /// <param name="sizes">The signed sizes of both releases' files.</param>
    /// <exception cref="DeltaBadException">Not a delta between these releases, or longer than they allow.</exception>
    public static DeltaHeader Read(IBaseReader delta, Digest from, Digest to, DeltaSizes sizes)
    {
        var header = DeltaHeader.Read(delta);
        if (header.From != from || header.To != to)
            throw new DeltaBadException("it belongs to other releases");
        if (header.Files > sizes.Target.Count)
            throw new DeltaBadException("it has more files than the release");
        long targetBytes = 0;
        foreach (var bytes in sizes.Target) targetBytes += Math.Max(0, bytes);
        if (header.InsertBytes > targetBytes)
            throw new DeltaBadException("it inserts more bytes than the release has");
        return header;
    }
}
