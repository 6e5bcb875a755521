using System.Collections;
using Google.Protobuf;

namespace ChunkOta.Protos;

/// <summary>The entries of a manifest where they stand in its payload: each is read when it is asked for.</summary>
/// <remarks>
/// A hundred thousand entries are some ten million bytes of payload, and three times that as objects that last. What is
/// read is the caller's and is not kept: reading the same entry twice makes two. Thread-safe.
/// </remarks>
public sealed class ManifestEntries : IReadOnlyList<Entry>
{
    private readonly ReadOnlyMemory<byte> _payload;
    private readonly (int Start, int Bytes)[] _ranges;

    private ManifestEntries(ReadOnlyMemory<byte> payload, (int Start, int Bytes)[] ranges)
    {
        _payload = payload;
        _ranges = ranges;
    }

    /// <inheritdoc/>
    public int Count => _ranges.Length;

    /// <summary>Reads an entry.</summary>
    /// <param name="index">Its number.</param>
    /// <exception cref="InvalidProtocolBufferException">The bytes are not an entry: the payload was not
    /// verified.</exception>
    public Entry this[int index]
    {
        get
        {
            var (start, bytes) = _ranges[index];
            return Entry.Parser.ParseFrom(_payload.Span.Slice(start, bytes));
        }
    }

    /// <summary>Splits a manifest's payload.</summary>
    /// <param name="payload">Kept, not copied, and not to be changed.</param>
    /// <param name="limits">How many entries there may be.</param>
    /// <returns>All but the entries, and the entries.</returns>
    /// <exception cref="ManifestInvalidException">PATH_MANY; MANIFEST_INVALID: the payload cannot be parsed, or not by
    /// all readers in the same way.</exception>
    public static (Manifest Head, ManifestEntries Entries) Read(ReadOnlyMemory<byte> payload, ManifestLimits limits)
    {
        ArgumentNullException.ThrowIfNull(limits);
        try
        {
            // Counted first: entries of nothing would otherwise take more memory than they have bytes.
            var count = MessageFields.Count(payload, Manifest.EntriesFieldNumber);
            if (count > limits.MaxEntries)
                throw ManifestRules.TooMany(count, limits);
            var ranges = new (int, int)[count];
            var head = MessageFields.Extract(payload, Manifest.EntriesFieldNumber, ranges);
            if (MessageFields.HasOtherType(head, Manifest.EntriesFieldNumber)
                || IsAmbiguous(head, Manifest.ProductFieldNumber) || IsAmbiguous(head, Manifest.CutFieldNumber))
                throw ManifestRules.NoMessage();
            return (Manifest.Parser.ParseFrom(head), new ManifestEntries(payload, ranges));
        }
        catch (InvalidProtocolBufferException)
        {
            throw ManifestRules.NoMessage();
        }
    }

    /// <inheritdoc/>
    public IEnumerator<Entry> GetEnumerator()
    {
        for (var i = 0; i < _ranges.Length; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>True for a field that readers of single fields could take otherwise than a parser does.</summary>
    private static bool IsAmbiguous(ReadOnlyMemory<byte> head, int field) =>
        MessageFields.HasOtherType(head, field) || MessageFields.Count(head, field) > 1;
}
