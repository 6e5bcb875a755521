using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>A release that may be installed: everything about it was verified.</summary>
/// <param name="Trust">The new trust state, with the pointer and root that were accepted.</param>
/// <param name="Manifest">The release.</param>
/// <param name="Deltas">Deltas that are said to make it, if any: no more than a hint.</param>
internal sealed record AcceptedUpdate(TrustRecord Trust, VerifiedManifest Manifest, DeltaOffers? Deltas)
{
    /// <summary>The release as the planner sees it.</summary>
    public ReleaseContents Release { get; } = ReleaseContents.Of(Manifest);
}

/// <summary>Asks which release is current, and accepts of the answer only what follows from the trust root.</summary>
/// <remarks>
/// In this order, each refused unless the one before was accepted: the chain of roots, the age of the newest root; the
/// pointer, its age and its order after the last one; the manifest that the pointer names, its signatures and rules;
/// and that it is not older than what this device has accepted.
/// </remarks>
/// <param name="service">The server.</param>
/// <param name="manifests">The manifests that this device holds.</param>
/// <param name="trust">The trust state so far.</param>
/// <param name="installed">The installed release: nothing older is accepted, whatever <paramref name="trust"/>
/// says.</param>
/// <param name="time">The one moment that everything is judged by.</param>
internal sealed class UpdateCheck(
    IUpdateService service, ManifestStore manifests, TrustRecord trust, InstalledRelease? installed, DeviceTime time)
{
    /// <summary>The most trust roots in one answer; more are asked for again.</summary>
    private const int RootsPerCall = 8;

    private const int MaxCalls = 128;

    /// <summary>Asks, and verifies the answer.</summary>
    /// <exception cref="ChunkOtaException">Anything that an attack, an accident or an old server may cause;
    /// the trust state is unchanged then.</exception>
    public async Task<AcceptedUpdate> RunAsync(UpdateQuestion question, CancellationToken cancellationToken)
    {
        var trusted = trust.Root is null ? null : VerifiedRoot.SelfSigned(Envelope.Parser.ParseFrom(trust.Root));
        var root = trusted;
        for (var calls = 0; calls < MaxCalls; calls++)
        {
            question = question with { RootVersion = root?.Version ?? 0 };
            var answer = await service.CheckAsync(question, cancellationToken).ConfigureAwait(false);
            await using (answer.ConfigureAwait(false))
            {
                root = Follow(root, answer.Offer.Roots);
                if (answer.Offer.Roots.Count < RootsPerCall)
                {
                    return await OfferCheckOf(trusted, root, question).AcceptAsync(answer, cancellationToken)
                        .ConfigureAwait(false);
                }
            }
        }
        throw new ChunkOtaException(ErrorCodes.RootChain, "the server's chain of trust roots does not end");
    }

    private VerifiedRoot Follow(VerifiedRoot? root, IReadOnlyList<Envelope> successors)
    {
        foreach (var successor in successors)
            root = root is null ? VerifiedRoot.First(successor, trust.PinnedRoot) : VerifiedRoot.Next(successor, root);
        return root ?? throw new ChunkOtaException(ErrorCodes.RootChain, "the server sent no trust root");
    }

    private OfferCheck OfferCheckOf(VerifiedRoot? trusted, VerifiedRoot root, UpdateQuestion question)
    {
        var known = RootChange.Apply(trust, trusted, root, time, installed, manifests);
        var since = time with { Floor = DateTimeOffset.FromUnixTimeSeconds(known.TimeFloorUnixSeconds) };
        return new OfferCheck(manifests, known, installed, root, question, since);
    }
}
