using System.Buffers;
using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>Verifies one object against what the catalogue says of it; changes nothing.</summary>
/// <remarks>One call holds one object in memory, a pack or a manifest; recipes and deltas go through in pieces. Any
/// number of calls at once.</remarks>
/// <param name="objects">The object store.</param>
/// <param name="manifests">Verifies manifests.</param>
internal sealed class ObjectVerifier(IObjectReader objects, SignedManifests manifests) : IDisposable
{
    private const int PieceBytes = 256 * 1024;

    /// <summary>Only decoders are rented, so the level does not matter.</summary>
    private readonly CodecPool _codecs = new(level: 1);

    /// <summary>Verifies an object.</summary>
    /// <param name="listed">The object as the catalogue lists it.</param>
    /// <param name="depth">Packs and deltas are hashed only by <see cref="ScrubDepth.Full"/>.</param>
    /// <exception cref="StoreUnavailableException">The store does not answer: nothing is known.</exception>
    public async Task<ObjectFinding> VerifyAsync(
        ListedObject listed, ScrubDepth depth, CancellationToken cancellationToken)
    {
        var name = listed.Name;
        var length = await objects.FindLengthAsync(name, cancellationToken).ConfigureAwait(false);
        if (length is null) return new ObjectFinding(name, ObjectFault.Missing, "it is gone", [], 0);
        if (length != listed.Bytes) return Damaged(name, $"it has {length} bytes instead of {listed.Bytes}", 0);
        try
        {
            return name.Kind switch
            {
                ObjectKind.Manifest => await VerifyManifestAsync(listed, cancellationToken).ConfigureAwait(false),
                ObjectKind.Pack when depth == ScrubDepth.Quick =>
                    await VerifyTrailerAsync(listed, cancellationToken).ConfigureAwait(false),
                ObjectKind.Pack => await VerifyPackAsync(listed, cancellationToken).ConfigureAwait(false),
                ObjectKind.Delta when depth == ScrubDepth.Quick => ObjectFinding.Intact(name),
                _ => await VerifyDigestAsync(listed, cancellationToken).ConfigureAwait(false),
            };
        }
        catch (ObjectMissingException)
        {
            return new ObjectFinding(name, ObjectFault.Missing, "it is gone", [], 0);
        }
        catch (ObjectDamagedException failure)
        {
            return Damaged(name, failure.DescribeInOneLine(), listed.Bytes);
        }
        catch (StoreUnavailableException failure)
        {
            // A store that is away cannot tell the length either, and throws. A disk block that is gone fails alone.
            _ = await objects.FindLengthAsync(name, cancellationToken).ConfigureAwait(false);
            return Damaged(name, $"it cannot be read: {failure.DescribeInOneLine()}", 0);
        }
    }

    /// <summary>Frees the pooled decoders.</summary>
    public void Dispose() => _codecs.Dispose();

    private async Task<ObjectFinding> VerifyManifestAsync(ListedObject listed, CancellationToken cancellationToken)
    {
        _ = await manifests.GetAsync(listed.Name.Digest, cancellationToken).ConfigureAwait(false);
        return ObjectFinding.Intact(listed.Name, listed.Bytes);
    }

    private async Task<ObjectFinding> VerifyTrailerAsync(ListedObject listed, CancellationToken cancellationToken)
    {
        _ = await PackReader.ReadContentsAsync(objects, listed.Name.Digest, cancellationToken).ConfigureAwait(false);
        return ObjectFinding.Intact(listed.Name);
    }

    private async Task<ObjectFinding> VerifyDigestAsync(ListedObject listed, CancellationToken cancellationToken)
    {
        var hasher = new ObjectHasher(listed.Name.Kind, listed.Bytes);
        var piece = ArrayPool<byte>.Shared.Rent((int)Math.Min(PieceBytes, listed.Bytes));
        try
        {
            for (long at = 0; at < listed.Bytes;)
            {
                var part = piece.AsMemory(0, (int)Math.Min(piece.Length, listed.Bytes - at));
                await objects.ReadAsync(listed.Name, at, part, cancellationToken).ConfigureAwait(false);
                hasher.Append(part.Span);
                at += part.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }

        return hasher.Finish() == listed.Name.Digest
            ? ObjectFinding.Intact(listed.Name, listed.Bytes)
            : Damaged(listed.Name, "its digest differs", listed.Bytes);
    }

    private async Task<ObjectFinding> VerifyPackAsync(ListedObject listed, CancellationToken cancellationToken)
    {
        if (listed.Bytes > PackWriter.MaxBytes)
            return Damaged(listed.Name, $"no pack has {listed.Bytes} bytes", 0);
        var bytes = ArrayPool<byte>.Shared.Rent((int)listed.Bytes);
        try
        {
            var pack = bytes.AsMemory(0, (int)listed.Bytes);
            await objects.ReadAsync(listed.Name, 0, pack, cancellationToken).ConfigureAwait(false);
            if (Digest.Of(pack.Span) == listed.Name.Digest) return ObjectFinding.Intact(listed.Name, listed.Bytes);
            var read = PackReader.Read(pack.Span);
            var damaged = read.Frames.Where(frame => !IsIntact(pack, frame, read.Domain)).ToList();
            return new ObjectFinding(
                listed.Name, ObjectFault.Damaged,
                damaged.Count == 0 ? "its digest differs" : $"{damaged.Count} of its frames are damaged", damaged,
                listed.Bytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    private bool IsIntact(ReadOnlyMemory<byte> pack, PackFrame frame, DedupDomain domain)
    {
        var decoder = _codecs.RentDecoder();
        try
        {
            using var decoded = ChunkFrame.Decode(pack.Slice(frame.Offset, frame.StoredBytes), decoder);
            _codecs.Return(decoder);
            _ = decoded.Verify(
                [.. frame.Chunks.Select(chunk => chunk with { Hash = domain.DigestOf(chunk.Hash) })]);
            return true;
        }
        catch (ChunkOtaException)
        {
            // Whatever it is called: these are not the bytes that were stored.
            return false;
        }
    }

    private static ObjectFinding Damaged(ObjectName name, string why, long readBytes) =>
        new(name, ObjectFault.Damaged, why, [], readBytes);
}
