using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Storage;

/// <summary>Converts between records of the catalogue and verified documents.</summary>
public static class Verification
{
    /// <summary>Verifies a product's newest trust root again.</summary>
    /// <exception cref="ChunkOtaException">ROOT_INVALID and related codes: the catalogue was
    /// damaged or tampered with.</exception>
    public static VerifiedRoot VerifyRoot(this ProductRecord product)
    {
        ArgumentNullException.ThrowIfNull(product);
        return VerifiedRoot.SelfSigned(product.Root.ToEnvelope());
    }

    /// <summary>The envelope of a stored trust root.</summary>
    public static Envelope ToEnvelope(this RootRecord root)
    {
        ArgumentNullException.ThrowIfNull(root);
        return Envelope.Parser.ParseFrom(root.Envelope.Span);
    }

    /// <summary>A verified pointer as the catalogue stores it.</summary>
    public static NewPointer ToNewPointer(this VerifiedPointer pointer)
    {
        ArgumentNullException.ThrowIfNull(pointer);
        var value = pointer.Value;
        return new NewPointer
        {
            Product = value.Product,
            Platform = value.Platform,
            Channel = value.Channel,
            Seq = value.Seq,
            Digest = pointer.Digest,
            Current = value.Current.ManifestDigest.ToDigest(),
            Counter = value.Current.Counter,
            Candidate = value.Candidate?.ManifestDigest.ToDigest(),
            Revoked = [.. value.Revoked.Select(digest => digest.ToDigest())],
            Issued = pointer.Issued,
            Expires = pointer.Expires,
            Envelope = pointer.Envelope.ToByteArray(),
        };
    }
}
