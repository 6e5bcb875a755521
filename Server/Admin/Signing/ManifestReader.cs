using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>Reads a manifest from the server by its name.</summary>
internal static class ManifestReader
{
    private const long MaxEnvelopeBytes = 64L * 1024 * 1024;
    private const int SignatureBytes = 16 * 256;

    /// <summary>The envelope whose payload has the digest asked for; its signatures are still to be verified.</summary>
    /// <exception cref="ChunkOtaException"><c>TOO_LARGE</c>, <c>DIGEST_MISMATCH</c>, or what the server
    /// refused.</exception>
    public static async Task<Envelope> ReadAsync(
        Session session, DocumentRef named, CancellationToken cancellationToken)
    {
        if (named.PayloadBytes > MaxEnvelopeBytes)
        {
            throw new ChunkOtaException(ErrorCodes.TooLarge,
                $"the server names a manifest of {SizeText.Of(named.PayloadBytes)}, which is above the limit of "
                + SizeText.Of(MaxEnvelopeBytes));
        }

        using var call = session.Releases.ReadManifest(
            new ReadManifestRequest { ManifestDigest = named.Digest }, cancellationToken: cancellationToken);
        using var bytes = new MemoryStream((int)named.PayloadBytes + SignatureBytes);
        while (await call.ResponseStream.MoveNext(cancellationToken))
        {
            call.ResponseStream.Current.Piece.WriteTo(bytes);
            if (bytes.Length > (long)named.PayloadBytes + SignatureBytes)
                throw new ChunkOtaException(
                    ErrorCodes.TooLarge, "the server sends more than the manifest that it named");
        }

        bytes.Position = 0;
        var envelope = Envelope.Parser.ParseFrom(bytes);
        return SignedDocument.DigestOf(envelope) == named.Digest.ToDigest()
            ? envelope
            : throw new ChunkOtaException(
                ErrorCodes.DigestMismatch, "the manifest that the server sent is not the one it named");
    }
}
