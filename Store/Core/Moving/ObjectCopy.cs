using System.Collections.Concurrent;
using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>Copies the objects that a catalogue needs from one store to another, also while servers use both.</summary>
/// <remarks>
/// What the destination has is passed over, so a run that was killed costs nothing. An object is verified before it
/// gets its name there. A damaged pack is copied as it is if nothing needs its damaged frames any more. Copies of
/// documents are left out: a server that starts makes them from its catalogue.
/// </remarks>
/// <param name="catalogue">Names the objects, and has the trust roots that verify manifests.</param>
/// <param name="source">Has them.</param>
/// <param name="destination">Gets them.</param>
/// <param name="kinds">The kinds to copy, in this order.</param>
/// <param name="verifiesAll">True to read what the destination has already, and to replace what is damaged; false to
/// trust its names and lengths.</param>
public sealed class ObjectCopy(
    ICatalogue catalogue, IObjectReader source, IObjectStore destination, IReadOnlyList<ObjectKind> kinds,
    bool verifiesAll = false)
{
    private const int PageObjects = 256;

    /// <summary>Objects up to this length are stored many at once; a page of them fits in memory.</summary>
    private const int SmallBytes = 128 * 1024;

    /// <summary>Calls to a store at the same time.</summary>
    private const int CallsAtOnce = 16;

    /// <summary>Large objects under way; each may take 8 MiB of memory.</summary>
    private const int LargeAtOnce = 4;

    private readonly SignedManifests _manifests = new(
        new ReleaseReader(source, catalogue.Identities, 0, 0), catalogue.Identities);

    private readonly SignedManifests _copied = new(
        new ReleaseReader(destination, catalogue.Identities, 0, 0), catalogue.Identities);

    private readonly Lock _gate = new();
    private ObjectFigures _figures = new();

    /// <summary>True to believe the catalogue's marks: a pack of which it knows some frames as damaged is copied as it
    /// is, for its other frames, and other objects that it knows as lost are not looked for. Else each object is read,
    /// since the source may have what another store lost, and a destination that trusts names gets no bad
    /// one.</summary>
    public bool TakesMarked { get; init; }

    /// <summary>Copies what the destination lacks.</summary>
    /// <param name="progress">Hears of it after each object.</param>
    /// <exception cref="StoreFailedException">The catalogue or a store does not answer, or the destination is
    /// full.</exception>
    public async Task<ObjectFigures> RunAsync(
        IProgress<ObjectFigures> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(progress);
        _figures = new ObjectFigures();
        foreach (var kind in kinds)
        {
            for (Digest after = default; ;)
            {
                var page = await catalogue.Damage.ListObjectsAsync(kind, after, PageObjects, cancellationToken)
                    .ConfigureAwait(false);
                if (page.Count == 0) break;
                after = page[^1].Name.Digest;
                if (!TakesMarked)
                    page = [.. page.Select(listed => listed with { IsMarked = false })];
                var lacking = await FindLackingAsync(page, cancellationToken).ConfigureAwait(false);
                await CopyAsync(lacking, cancellationToken).ConfigureAwait(false);
                progress.Report(_figures);
            }
        }

        return _figures;

        async Task CopyAsync(IReadOnlyList<ListedObject> lacking, CancellationToken token)
        {
            await CopySmallAsync([.. lacking.Where(listed => listed.Bytes <= SmallBytes)], token).ConfigureAwait(false);
            await ForEachAsync(lacking.Where(listed => listed.Bytes > SmallBytes), LargeAtOnce, async (listed, stop) =>
            {
                await CopyLargeAsync(listed, stop).ConfigureAwait(false);
                progress.Report(_figures);
            }, token).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<ListedObject>> FindLackingAsync(
        IReadOnlyList<ListedObject> page, CancellationToken cancellationToken)
    {
        ConcurrentBag<ListedObject> lacking = [];
        await ForEachAsync(page, CallsAtOnce, async (listed, token) =>
        {
            if (await HasAsync(listed, token).ConfigureAwait(false))
                Count(listed, isCopied: false);
            else
                lacking.Add(listed);
        }, cancellationToken).ConfigureAwait(false);
        return [.. lacking];
    }

    private async Task<bool> HasAsync(ListedObject listed, CancellationToken cancellationToken)
    {
        if (await destination.FindLengthAsync(listed.Name, cancellationToken).ConfigureAwait(false) != listed.Bytes)
            return false;
        try
        {
            if (verifiesAll) await VerifyCopyAsync(listed, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (StoreFailedException failure) when (failure.IsOfOneObject())
        {
            return false;
        }
    }

    private async Task VerifyCopyAsync(ListedObject listed, CancellationToken cancellationToken)
    {
        if (listed.Name.Kind == ObjectKind.Manifest)
        {
            _ = await _copied.GetAsync(listed.Name.Digest, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            using var content = new VerifiedStream(destination, listed);
            await content.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task CopySmallAsync(IReadOnlyList<ListedObject> some, CancellationToken cancellationToken)
    {
        ConcurrentBag<(ListedObject Listed, ReadOnlyMemory<byte> Content)> read = [];
        await ForEachAsync(some, CallsAtOnce, async (listed, token) =>
        {
            if (await TryAsync(listed, taken => ReadAsync(taken, token), token).ConfigureAwait(false) is { } content)
                read.Add((listed, content));
        }, cancellationToken).ConfigureAwait(false);
        await destination.PutManyAsync(
            [.. read.Select(one => new ObjectContent(one.Listed.Name, one.Content))], cancellationToken)
            .ConfigureAwait(false);
        foreach (var (listed, _) in read) Count(listed, isCopied: true);
    }

    private async Task CopyLargeAsync(ListedObject listed, CancellationToken cancellationToken)
    {
        var isCopied = await TryAsync(listed, async taken =>
        {
            if (taken.Name.Kind == ObjectKind.Manifest)
            {
                var content = await ReadAsync(taken, cancellationToken).ConfigureAwait(false);
                await destination.PutAsync(taken.Name, content, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                using var content = new VerifiedStream(source, taken);
                await destination.PutAsync(taken.Name, content, cancellationToken).ConfigureAwait(false);
            }

            return Memory<byte>.Empty;
        }, cancellationToken).ConfigureAwait(false);
        if (isCopied is not null) Count(listed, isCopied: true);
    }

    /// <summary>All bytes of an object, verified.</summary>
    private async Task<Memory<byte>> ReadAsync(ListedObject listed, CancellationToken cancellationToken)
    {
        var content = new byte[listed.Bytes];
        await source.ReadAsync(listed.Name, 0, content, cancellationToken).ConfigureAwait(false);
        var isIntact = listed.IsMarked || (listed.Name.Kind == ObjectKind.Manifest
            ? await IsSignedAsync(listed.Name.Digest, content, cancellationToken).ConfigureAwait(false)
            : ObjectHasher.NameOf(listed.Name.Kind, content) == listed.Name.Digest);
        return isIntact
            ? content
            : throw new ObjectDamagedException($"object {listed.Name} is damaged: its digest differs")
            {
                Name = listed.Name,
            };
    }

    private async Task<bool> IsSignedAsync(Digest manifest, byte[] content, CancellationToken cancellationToken)
    {
        var signed = await _manifests.GetAsync(manifest, cancellationToken).ConfigureAwait(false);
        return signed.Equals(Envelope.Parser.ParseFrom(content));
    }

    /// <summary>Copies an object, or counts it if the source lost it.</summary>
    /// <returns>Null: it was not copied.</returns>
    private async Task<Memory<byte>?> TryAsync(
        ListedObject listed, Func<ListedObject, Task<Memory<byte>>> copy, CancellationToken cancellationToken)
    {
        if (listed.IsMarked && listed.Name.Kind != ObjectKind.Pack)
        {
            Lose(listed, ObjectFault.Missing, "it was known as lost");
            return null;
        }

        try
        {
            try
            {
                return await copy(listed).ConfigureAwait(false);
            }
            catch (ObjectDamagedException) when (listed is { Name.Kind: ObjectKind.Pack, IsMarked: false })
            {
                if (!await DeliversAllAsync(listed, cancellationToken).ConfigureAwait(false)) throw;
                return await copy(listed with { IsMarked = true }).ConfigureAwait(false);
            }
        }
        catch (StoreFailedException failure) when (failure.IsOfOneObject())
        {
            // A store that is away cannot tell the length either, and throws.
            _ = await source.FindLengthAsync(listed.Name, cancellationToken).ConfigureAwait(false);
            // A collection may have removed it since it was listed.
            var now = await catalogue.Damage.FindObjectAsync(listed.Name, cancellationToken).ConfigureAwait(false);
            if (now is { } needed)
            {
                Lose(
                    needed,
                    failure is ObjectMissingException ? ObjectFault.Missing : ObjectFault.Damaged,
                    failure.DescribeInOneLine());
            }

            return null;
        }
    }

    /// <summary>True for a damaged pack of which nothing needs the damaged frames.</summary>
    private async Task<bool> DeliversAllAsync(ListedObject pack, CancellationToken cancellationToken)
    {
        using var verifier = new ObjectVerifier(source, _manifests);
        var finding = await verifier.VerifyAsync(pack, ScrubDepth.Full, cancellationToken).ConfigureAwait(false);
        return finding.Fault is not null
            && !await DamagedFrames.AreNeededAsync(catalogue.Chunks, finding, cancellationToken).ConfigureAwait(false);
    }

    private void Count(ListedObject listed, bool isCopied)
    {
        lock (_gate)
        {
            _figures = _figures with
            {
                Objects = _figures.Objects + 1,
                Bytes = _figures.Bytes + listed.Bytes,
                Copied = _figures.Copied + (isCopied ? 1 : 0),
                CopiedBytes = _figures.CopiedBytes + (isCopied ? listed.Bytes : 0),
            };
        }
    }

    private void Lose(ListedObject listed, ObjectFault fault, string detail)
    {
        var finding = new ObjectFinding(listed.Name, fault, OneLine.Of(detail), [], 0);
        lock (_gate)
        {
            _figures = listed switch
            {
                { Name.Kind: ObjectKind.Delta } => _figures with { LostDeltas = _figures.LostDeltas + 1 },
                { IsMarked: true } => _figures with { Lost = [.. _figures.Lost, finding] },
                _ => _figures with { Damaged = [.. _figures.Damaged, finding] },
            };
        }
    }

    private static Task ForEachAsync(
        IEnumerable<ListedObject> objects, int atOnce, Func<ListedObject, CancellationToken, ValueTask> use,
        CancellationToken cancellationToken) => Parallel.ForEachAsync(
            objects,
            new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken },
            use);
}
