using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The rules by which the pointers of channels move.</summary>
public static class PromotionRules
{
    /// <summary>Stores pointers that come without a publish, as <see cref="Put"/> does.</summary>
    /// <exception cref="ChunkOtaException">As <see cref="Put"/>; <c>CHANNEL_UNKNOWN</c>: the product does not
    /// have a channel, and <paramref name="allowances"/> do not allow a new one.</exception>
    public static void Promote(
        IPointerTransaction transaction, IReadOnlyList<NewPointer> pointers, Withdrawals withdrawals,
        Allowances allowances)
    {
        foreach (var pointer in pointers)
        {
            ExistenceRules.CheckProduct(transaction, pointer.Product);
            GuardRules.CheckChannel(transaction, pointer.Product, pointer.Channel, allowances);
        }

        Put(transaction, pointers, withdrawals);
    }

    /// <summary>Stores pointers whose numbers exceed the last ones and that name visible releases of their product and
    /// platform. The same pointers again are accepted and change nothing.</summary>
    /// <remarks>No channel goes back to a lower counter, since its devices would refuse the release; and no pointer
    /// drops a release that was withdrawn, unless it is reinstated. A pointer that withdraws a release for the first
    /// time, or no longer withdraws one, must come with those of all other channels of the product and
    /// platform.</remarks>
    /// <param name="transaction">The state.</param>
    /// <param name="pointers">The pointers.</param>
    /// <param name="withdrawals">How the pointers change what is withdrawn.</param>
    /// <exception cref="ChunkOtaException">
    /// <c>PRODUCT_UNKNOWN</c>, <c>SEQ_TAKEN</c>, <c>COUNTER_LOWER</c>; <c>RELEASE_UNKNOWN</c>: a pointer names one, or
    /// withdraws one that was not withdrawn before.
    /// </exception>
    /// <exception cref="ChunkOtaException"><c>POINTER_INVALID</c>: a number is too large, or a withdrawn release is
    /// dropped.</exception>
    public static void Put(
        IPointerTransaction transaction, IReadOnlyList<NewPointer> pointers, Withdrawals withdrawals)
    {
        foreach (var pointer in pointers)
            ExistenceRules.CheckProduct(transaction, pointer.Product);
        var lines = pointers.GroupBy(pointer => (pointer.Product, pointer.Platform)).ToList();
        foreach (var line in lines)
            Reinstate(transaction, [.. line], withdrawals.Reinstated);
        foreach (var pointer in pointers)
            PutOne(transaction, pointer);
        foreach (var line in lines)
            Withdraw(transaction, [.. line], withdrawals.Reason);
    }

    /// <summary>Puts the last pointers of channels into a catalogue that is being rebuilt, and withdraws what they
    /// withdraw, whether its release is known or not: it was checked when they were accepted.</summary>
    /// <param name="transaction">The state; the products have no channels.</param>
    /// <param name="pointers">The pointers.</param>
    /// <param name="reason">Why releases were withdrawn, as far as that is known.</param>
    /// <exception cref="ChunkOtaException"><c>PRODUCT_UNKNOWN</c>; <c>RELEASE_UNKNOWN</c>: a pointer names
    /// one.</exception>
    public static void Restore(IPointerTransaction transaction, IReadOnlyList<NewPointer> pointers, string reason)
    {
        foreach (var pointer in pointers)
        {
            ExistenceRules.CheckProduct(transaction, pointer.Product);
            CheckNamed(transaction, pointer, pointer.Current);
            if (pointer.Candidate is { } candidate)
                CheckNamed(transaction, pointer, candidate);
            transaction.PutPointer(pointer);
            foreach (var manifest in pointer.Revoked
                .Except(transaction.ListWithdrawn(pointer.Product, pointer.Platform)).ToList())
                transaction.AddWithdrawal(pointer.Product, pointer.Platform, manifest, reason);
        }
    }

    private static void PutOne(IPointerTransaction transaction, NewPointer pointer)
    {
        GuardRules.CheckNotBehind(transaction, pointer.Product, pointer.Platform, Allowances.None);
        CheckNamed(transaction, pointer, pointer.Current);
        if (pointer.Candidate is { } candidate)
            CheckNamed(transaction, pointer, candidate);
        var found = transaction.FindPointer(pointer.Product, pointer.Platform, pointer.Channel);
        var least = transaction.ReadLeastNumber();
        ExistenceRules.CheckStep(ErrorCodes.PointerInvalid, pointer.Seq, Math.Max(found?.Seq ?? 0, least));

        if (found is { } last)
        {
            // The caller repeats a call whose answer was lost.
            if (pointer.Seq == last.Seq && pointer.Digest == last.Digest)
                return;
            CheckFollows(pointer, last);
        }

        if (pointer.Seq < least)
        {
            throw new ChunkOtaException(
                ErrorCodes.ServerBehind,
                $"pointer {pointer.Seq} of channel {pointer.Channel} may have been given out before the server was "
                + $"restored from a backup: sign it with {least} or a later number");
        }

        CheckCarriesOn(transaction, pointer);
        transaction.PutPointer(pointer);
    }

    private static void CheckFollows(NewPointer pointer, LastPointer last)
    {
        if (pointer.Seq <= last.Seq)
        {
            throw new ChunkOtaException(
                ErrorCodes.SeqTaken,
                $"pointer {pointer.Seq} of channel {pointer.Channel} comes too late: the channel is at {last.Seq}; "
                + "read its pointer and sign a later one");
        }

        if (pointer.Counter < last.Counter)
        {
            throw new ChunkOtaException(
                ErrorCodes.CounterLower,
                $"channel {pointer.Channel} cannot go back: it names a release with the counter {last.Counter}, and "
                + $"its devices would refuse one with {pointer.Counter}: release the old content again");
        }
    }

    private static void CheckCarriesOn(IPointerTransaction transaction, NewPointer pointer)
    {
        foreach (var withdrawn in transaction.ListWithdrawn(pointer.Product, pointer.Platform))
        {
            if (!pointer.Revoked.Contains(withdrawn))
            {
                throw new ChunkOtaException(
                    ErrorCodes.PointerInvalid,
                    $"the pointer of channel {pointer.Channel} drops a withdrawn release: manifest {withdrawn}: "
                    + "read the pointers of all channels and sign it again");
            }
        }
    }

    private static void Reinstate(
        IPointerTransaction transaction, IReadOnlyList<NewPointer> pointers, IReadOnlyList<Digest> reinstated)
    {
        var (product, platform) = (pointers[0].Product, pointers[0].Platform);
        // What is not withdrawn any more is a repeated call.
        var ended = transaction.ListWithdrawn(product, platform).Intersect(reinstated).ToList();
        if (ended.Count == 0)
            return;
        if (pointers.FirstOrDefault(pointer => pointer.Revoked.Intersect(ended).Any()) is { } still)
        {
            throw new ChunkOtaException(
                ErrorCodes.PointerInvalid,
                $"the pointer of channel {still.Channel} withdraws a release that is to be reinstated: sign it again");
        }

        CheckAll(transaction, pointers, pointers.Select(pointer => pointer.Channel), "reinstatement");
        foreach (var manifest in ended)
            transaction.RemoveWithdrawal(product, platform, manifest);
    }

    private static void Withdraw(IPointerTransaction transaction, IReadOnlyList<NewPointer> pointers, string reason)
    {
        var (product, platform) = (pointers[0].Product, pointers[0].Platform);
        var added = pointers.SelectMany(pointer => pointer.Revoked)
            .Except(transaction.ListWithdrawn(product, platform)).ToList();
        if (added.Count == 0)
            return;
        // What was withdrawn before stays, whether its release is known or not; only a new entry must name one. Else
        // a thief of a channel key could fill the list with digests of nothing.
        foreach (var unknown in added.Where(manifest => transaction.FindLine(manifest) != (product, platform)))
        {
            throw new ChunkOtaException(
                ErrorCodes.ReleaseUnknown,
                $"the pointer withdraws an unknown release of {product} for {platform}: manifest {unknown}: withdraw "
                + "what is published");
        }

        CheckAll(transaction, pointers, Withdrawing(pointers, added), "withdrawal");
        foreach (var manifest in added)
            transaction.AddWithdrawal(product, platform, manifest, reason);
    }

    /// <summary>Refuses a change of what is withdrawn that a channel of the product and platform does not
    /// sign.</summary>
    private static void CheckAll(
        IPointerTransaction transaction, IReadOnlyList<NewPointer> pointers, IEnumerable<string> signing, string what)
    {
        var (product, platform) = (pointers[0].Product, pointers[0].Platform);
        var leftOut = transaction.ListLiveChannels(product).Where(other => other.Platform == platform)
            .Select(other => other.Channel).Except(signing).FirstOrDefault();
        if (leftOut is not null)
        {
            throw new ChunkOtaException(
                ErrorCodes.SeqTaken,
                $"the {what} leaves out channel {leftOut} of {product} for {platform}: read the channels and sign all "
                + "of their pointers");
        }
    }

    private static IEnumerable<string> Withdrawing(IReadOnlyList<NewPointer> pointers, List<Digest> added) =>
        pointers.Where(pointer => added.TrueForAll(pointer.Revoked.Contains)).Select(pointer => pointer.Channel);

    private static void CheckNamed(ICatalogueLookup lookup, NewPointer pointer, Digest manifest)
    {
        if (lookup.FindLine(manifest) != (pointer.Product, pointer.Platform))
        {
            throw new ChunkOtaException(
                ErrorCodes.ReleaseUnknown,
                $"the pointer names an unknown release of {pointer.Product} for {pointer.Platform}: {manifest}: "
                + "publish it first");
        }
    }
}
