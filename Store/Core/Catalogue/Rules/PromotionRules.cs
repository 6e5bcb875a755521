using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The rules by which a channel's pointer moves.</summary>
public static class PromotionRules
{
    /// <summary>Stores a pointer whose number exceeds the last one and that names visible releases of its product and
    /// platform. The same pointer again is accepted and changes nothing.</summary>
    /// <exception cref="CatalogueRefusedException">
    /// <c>PRODUCT_UNKNOWN</c>, <c>RELEASE_UNKNOWN</c>, <c>SEQ_TAKEN</c>.
    /// </exception>
    /// <exception cref="ChunkOtaException"><c>POINTER_INVALID</c>: the number is too large.</exception>
    public static void Put(IPointerTransaction transaction, NewPointer pointer)
    {
        ExistenceRules.CheckProduct(transaction, pointer.Product);
        CheckNamed(transaction, pointer, pointer.Current);
        if (pointer.Candidate is { } candidate)
            CheckNamed(transaction, pointer, candidate);
        ExistenceRules.CheckNumber(ErrorCodes.PointerInvalid, pointer.Seq);

        if (transaction.FindPointer(pointer.Product, pointer.Platform, pointer.Channel) is { } last)
        {
            // The caller repeats a call whose answer was lost.
            if (pointer.Seq == last.Seq && pointer.Digest == last.Digest)
                return;
            if (pointer.Seq <= last.Seq)
            {
                throw new CatalogueRefusedException(
                    ErrorCodes.SeqTaken,
                    $"pointer {pointer.Seq} of channel {pointer.Channel} comes too late: the channel is at {last.Seq}; "
                    + "read its pointer and sign a later one");
            }
        }

        transaction.PutPointer(pointer);
    }

    private static void CheckNamed(ICatalogueLookup lookup, NewPointer pointer, Digest manifest)
    {
        if (lookup.FindLine(manifest) != (pointer.Product, pointer.Platform))
        {
            throw new CatalogueRefusedException(
                ErrorCodes.ReleaseUnknown,
                $"the pointer names an unknown release of {pointer.Product} for {pointer.Platform}: {manifest}: "
                + "publish it first");
        }
    }
}
