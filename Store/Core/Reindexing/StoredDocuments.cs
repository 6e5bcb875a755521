using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Storage;

/// <summary>The trust roots and channel pointers that a store has copies of. None of them is verified.</summary>
internal sealed class StoredDocuments
{
    /// <summary>The largest payload and room for its signatures.</summary>
    private const int MaxBytes = VerifiedRoot.MaxPayloadBytes + (16 * 1024);

    private readonly List<Envelope> _roots = [];
    private readonly List<Envelope> _pointers = [];

    private StoredDocuments()
    {
    }

    /// <summary>The trust roots.</summary>
    public IReadOnlyList<Envelope> Roots => _roots;

    /// <summary>The channel pointers; of one channel there may be several.</summary>
    public IReadOnlyList<Envelope> Pointers => _pointers;

    /// <summary>Reads all of them.</summary>
    /// <param name="objects">The store.</param>
    /// <param name="damaged">Gets those that are damaged.</param>
    /// <exception cref="StoreUnavailableException">The store does not answer.</exception>
    public static async Task<StoredDocuments> ReadAsync(
        IObjectReader objects, ICollection<ObjectName> damaged, CancellationToken cancellationToken)
    {
        var documents = new StoredDocuments();
        await foreach (var name in objects.ListAsync(ObjectKind.Document, cancellationToken).ConfigureAwait(false))
        {
            var envelope = await FindAsync(objects, name, cancellationToken).ConfigureAwait(false);
            if (envelope?.PayloadType == PayloadTypes.Root) documents._roots.Add(envelope);
            else if (envelope?.PayloadType == PayloadTypes.Pointer) documents._pointers.Add(envelope);
            else damaged.Add(name);
        }

        return documents;
    }

    private static async Task<Envelope?> FindAsync(
        IObjectReader objects, ObjectName name, CancellationToken cancellationToken)
    {
        try
        {
            var length = await objects.FindLengthAsync(name, cancellationToken).ConfigureAwait(false) ?? 0;
            if (length > MaxBytes) return null;
            var bytes = new byte[length];
            await objects.ReadAsync(name, 0, bytes, cancellationToken).ConfigureAwait(false);
            var envelope = Envelope.Parser.ParseFrom(bytes);
            return SignedDocument.DigestOf(envelope) == name.Digest ? envelope : null;
        }
        catch (Exception failure) when (failure.IsOfOneObject() || failure is InvalidProtocolBufferException)
        {
            return null;
        }
    }
}
