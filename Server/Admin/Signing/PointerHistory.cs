using ChunkOta.Cli;
using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;

namespace ChunkOta.Admin;

/// <summary>
/// The last pointers of all channels of a product and platform, deleted ones too, verified: what every new pointer
/// carries on.
/// </summary>
/// <remarks>Numbers go on whoever signed them. What else a channel key demanded that the trust root has removed since
/// is carried on only after the publisher has decided that it stands.</remarks>
/// <param name="live">The channels that are not deleted, by name.</param>
/// <param name="deleted">The deleted channels, by name.</param>
/// <param name="disowned">The pointers that a removed key signed.</param>
/// <param name="dropsDisowned">What they demand was dropped by the publisher.</param>
internal sealed class PointerHistory(
    IReadOnlyDictionary<string, VerifiedPointer> live, IReadOnlyDictionary<string, VerifiedPointer> deleted,
    IReadOnlySet<VerifiedPointer> disowned, bool dropsDisowned = false)
{
    /// <summary>The most numbers that the restore of a server leaves out: Unix seconds reach it in 2286.</summary>
    private const ulong MaxJump = 10_000_000_000;

    /// <summary>The lowest number that may be signed, because the server was restored from a backup; else 0.</summary>
    public ulong LeastNumber { get; private init; }

    /// <summary>No channels.</summary>
    public static PointerHistory Empty { get; } = new(
        new Dictionary<string, VerifiedPointer>(), new Dictionary<string, VerifiedPointer>(),
        new HashSet<VerifiedPointer>());

    /// <summary>The channels that are not deleted, by name.</summary>
    public IReadOnlyDictionary<string, VerifiedPointer> Live => live;

    /// <summary>The channels that are not deleted and whose last pointer a removed key signed, by name.</summary>
    public IEnumerable<VerifiedPointer> Disowned => live.Values.Where(disowned.Contains)
        .OrderBy(pointer => pointer.Value.Channel, StringComparer.Ordinal);

    /// <summary>The digests of the manifests that are withdrawn.</summary>
    /// <remarks>Each pointer names all of its time. Those of keys in force decide, since they were signed after a key
    /// was removed; without a channel, the last pointer that there was.</remarks>
    public IReadOnlyList<ByteString> Revoked
    {
        get
        {
            var trusted = live.Values.Where(pointer => !disowned.Contains(pointer)).ToList();
            if (trusted.Count > 0)
                return Union(trusted);
            return live.Count == 0
                ? Union(deleted.Values.OrderBy(pointer => pointer.Issued).TakeLast(1))
                : dropsDisowned ? [] : Union(live.Values);
        }
    }

    /// <summary>The digests of the manifests that only a removed key withdrew and that the publisher dropped.</summary>
    public IReadOnlyList<ByteString> Dropped => dropsDisowned ? [.. Union(Disowned).Except(Revoked)] : [];

    /// <summary>The last pointer of a channel, deleted or not; null before the first.</summary>
    public VerifiedPointer? Find(string channel) =>
        live.GetValueOrDefault(channel) ?? deleted.GetValueOrDefault(channel);

    /// <summary>The history after the publisher's decision on what a removed key demanded.</summary>
    /// <param name="drops">It is dropped; else it stands.</param>
    public PointerHistory Decide(bool drops) =>
        new(live, deleted, drops ? disowned : new HashSet<VerifiedPointer>(), drops) { LeastNumber = LeastNumber };

    /// <summary>The history of a server that may have been restored from a backup.</summary>
    /// <remarks>After a jump to the end no number is left, so a server is followed only as far as Unix seconds go
    /// beyond the last pointers. Clocks do not decide: one that was ahead would bind publishers for years.</remarks>
    /// <param name="leastNumber">The lowest number that it accepts.</param>
    /// <exception cref="ChunkOtaException"><c>POINTER_INVALID</c>: it jumps too far.</exception>
    public PointerHistory From(ulong leastNumber)
    {
        var last = live.Values.Concat(deleted.Values).Select(pointer => pointer.Value.Seq).DefaultIfEmpty().Max();
        if (leastNumber > last && leastNumber - last > MaxJump)
        {
            throw new ChunkOtaException(
                ErrorCodes.PointerInvalid,
                $"the server asks for numbers from {leastNumber} on, but at most {MaxJump} may be left out after "
                + $"{last}: ask its operator whether it is the right server");
        }

        return new(live, deleted, disowned, dropsDisowned) { LeastNumber = leastNumber };
    }

    /// <summary>The content that the next pointer of a channel begins with; null before the first.</summary>
    public ChannelPointer? Carry(string channel)
    {
        if (Find(channel) is not { } last)
            return null;
        var next = last.Value.Clone();
        if (disowned.Contains(last))
        {
            next.Floor = 0;
            next.Candidate = null;
            next.RolloutId = "";
        }

        next.Revoked.Clear();
        return next;
    }

    /// <summary>The pointer of a removed key whose demands a new pointer of a channel would carry on, and these demands
    /// in words; null if there is nothing to decide.</summary>
    public (VerifiedPointer Pointer, string Demands)? FindUndecided(string channel)
    {
        if (dropsDisowned)
            return null;
        var own = Disowned.FirstOrDefault(pointer => pointer.Value.Channel == channel);
        var withdrawing = live.Values.All(disowned.Contains)
            ? Disowned.OrderByDescending(pointer => pointer == own)
                .FirstOrDefault(pointer => pointer.Value.Revoked.Count > 0)
            : null;
        List<string> demands = [];
        if (withdrawing is not null)
            demands.Add($"withdraws {Printable.Count(Revoked.Count, "release")}");
        if (own?.Value.Floor > 0)
            demands.Add($"allows no counter below {own.Value.Floor}");
        if (own?.Value.Candidate is { } candidate)
            demands.Add($"rolls out {candidate.Version}");
        return demands.Count == 0 ? null : ((own ?? withdrawing)!, string.Join(" and ", demands));
    }

    /// <summary>Verifies the pointers of a product and platform.</summary>
    /// <param name="product">The product.</param>
    /// <param name="platform">The platform.</param>
    /// <param name="live">The pointers of channels that are not deleted.</param>
    /// <param name="deleted">The last pointers of deleted channels.</param>
    /// <param name="keys">The publisher's keys.</param>
    /// <exception cref="ChunkOtaException"><c>SIG_INVALID</c>, <c>WRONG_TARGET</c>, …</exception>
    public static PointerHistory Verify(
        string product, string platform, IEnumerable<Envelope> live, IEnumerable<Envelope> deleted,
        PublisherKeys keys)
    {
        HashSet<VerifiedPointer> disowned = [];
        return new PointerHistory(ByName(live), ByName(deleted), disowned);

        Dictionary<string, VerifiedPointer> ByName(IEnumerable<Envelope> envelopes)
        {
            Dictionary<string, VerifiedPointer> pointers = [];
            foreach (var envelope in envelopes)
            {
                var pointer = keys.Verify(root => VerifiedPointer.Verify(envelope, root));
                var (value, name) = (pointer.Value, pointer.Value.Channel);
                if (value.Product != product || value.Platform != platform || !pointers.TryAdd(name, pointer))
                    throw new ChunkOtaException(
                        ErrorCodes.WrongTarget,
                        $"the server sent a wrong pointer: of {value.Product} {name} for {value.Platform} among those "
                        + $"of {product} for {platform}: ask its operator");
                if (!keys.Vouches(root => VerifiedPointer.Verify(envelope, root)))
                    disowned.Add(pointer);
            }

            return pointers;
        }
    }

    /// <summary>Reads the pointers of a product from the server.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="product">The product.</param>
    /// <param name="keys">The publisher's keys.</param>
    public static async Task<PointerHistories> ReadAsync(
        Session session, string product, PublisherKeys keys, CancellationToken cancellationToken)
    {
        var listed = await session.Administration.ListChannelsAsync(
            new ListChannelsRequest { Product = product, IncludeDeleted = true },
            cancellationToken: cancellationToken);
        var lines = listed.Channels.GroupBy(channel => channel.Platform).ToDictionary(
            platform => platform.Key,
            platform =>
            {
                var parts = platform.ToLookup(
                    channel => channel.DeletedUnixSeconds == 0, channel => channel.Pointer);
                return Verify(product, platform.Key, parts[true], parts[false], keys)
                    .From(listed.LeastNumber);
            });
        return new PointerHistories(lines, listed.LeastNumber);
    }

    private static List<ByteString> Union(IEnumerable<VerifiedPointer> pointers) =>
        [.. pointers.SelectMany(pointer => pointer.Value.Revoked).Distinct()];
}
