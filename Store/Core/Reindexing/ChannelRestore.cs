using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>Brings channels back from the copies of their last pointers.</summary>
/// <param name="catalogue">Has the releases, and gets the channels.</param>
/// <param name="roots">The trust roots of each product, from the first to the newest.</param>
/// <param name="leftOut">Gets the pointers that are left out.</param>
internal sealed class ChannelRestore(
    ICatalogue catalogue, IReadOnlyDictionary<string, IReadOnlyList<VerifiedRoot>> roots,
    ICollection<LeftOutObject> leftOut)
{
    private readonly List<RestoredChannel> _restored = [];

    /// <summary>The channels that are back.</summary>
    public IReadOnlyList<RestoredChannel> Restored => _restored;

    /// <summary>Restores each channel with the newest of its pointers that a root of its product vouches for.</summary>
    /// <exception cref="StoreFailedException">The catalogue does not answer.</exception>
    public async Task RunAsync(IReadOnlyList<Envelope> pointers, CancellationToken cancellationToken)
    {
        var newest = pointers.Select(FindPointer).OfType<VerifiedPointer>()
            .GroupBy(pointer => (pointer.Value.Product, pointer.Value.Platform, pointer.Value.Channel))
            .Select(channel => channel.MaxBy(pointer => pointer.Value.Seq)!)
            .OrderBy(pointer => pointer.Value.Product, StringComparer.Ordinal)
            .ThenBy(pointer => pointer.Value.Platform, StringComparer.Ordinal)
            .ThenBy(pointer => pointer.Value.Channel, StringComparer.Ordinal);
        foreach (var pointer in newest)
        {
            try
            {
                await RestoreAsync(pointer, cancellationToken).ConfigureAwait(false);
            }
            catch (ChunkOtaException failure) when (failure is not StoreFailedException)
            {
                LeaveOut(pointer.Envelope, OneLine.Of(
                    $"{pointer.Value.Product} {pointer.Value.Channel} ({pointer.Value.Platform})"), failure.Message);
            }
        }
    }

    private async Task RestoreAsync(VerifiedPointer pointer, CancellationToken cancellationToken)
    {
        var record = pointer.ToNewPointer();
        await catalogue.Releases.RestorePointersAsync(
            [record], "withdrawn before the catalogue was rebuilt", cancellationToken).ConfigureAwait(false);
        var release = await catalogue.Releases.FindReleaseAsync(record.Current, cancellationToken)
            .ConfigureAwait(false);
        _restored.Add(new RestoredChannel(
            record.Product, record.Platform, record.Channel, record.Seq, release?.Version ?? "", record.Expires));
    }

    private VerifiedPointer? FindPointer(Envelope envelope)
    {
        try
        {
            var product = VerifiedPointer.PeekProduct(envelope);
            if (!roots.TryGetValue(product, out var chain))
                throw new ChunkOtaException(ErrorCodes.ProductUnknown, $"product {product} has no trust root here");
            return Verify(envelope, chain);
        }
        catch (ChunkOtaException failure)
        {
            LeaveOut(envelope, "", failure.Message);
            return null;
        }
    }

    /// <summary>Verifies a pointer against the newest root that vouches for it.</summary>
    private static VerifiedPointer Verify(Envelope envelope, IReadOnlyList<VerifiedRoot> chain)
    {
        for (var i = chain.Count - 1; ; i--)
        {
            try
            {
                return VerifiedPointer.Verify(envelope, chain[i]);
            }
            catch (SignatureRejectedException) when (i > 0)
            {
                // An older root may have the key.
                continue;
            }
        }
    }

    private void LeaveOut(Envelope pointer, string channel, string why) => leftOut.Add(new LeftOutObject(
        ObjectName.Document(SignedDocument.DigestOf(pointer)), channel, OneLine.Of(why)));
}
