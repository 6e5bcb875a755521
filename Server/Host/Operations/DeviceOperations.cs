using System.Runtime.CompilerServices;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Storage;
using Google.Protobuf;

namespace ChunkOta.Server;

/// <summary>Dealing with devices: what devices.proto promises.</summary>
internal sealed partial class DeviceOperations(
    ICatalogue catalogue, SentManifests transfers, DeltaOperations deltas, DeviceSettings settings,
    TimeProvider clock, ILogger<DeviceOperations> log)
{
    private const int MaxRootsPerCall = 8;
    private const int PieceBytes = 256 * 1024;
    private const int MaxCauseCharacters = 1024;
    private const int MaxNameCharacters = 128;
    private const string AnyPlatform = "any";

    /// <summary>Trades an install token for a device id.</summary>
    public async Task<EnrolResponse> EnrolAsync(EnrolRequest request, CancellationToken cancellationToken)
    {
        Names.CheckPlatform(request.Platform);
        var token = await catalogue.Identities.FindTokenAsync(
            Convert.ToHexStringLower(request.TokenId.Span), cancellationToken);
        if (!Callers.IsSecretOf(token, request.TokenSecret.Span) || token!.Role != AccessRole.Install)
            throw Callers.TokenInvalid();
        CheckProof(request);

        var device = await catalogue.Devices.EnrolAsync(
            new Enrolment(
                token.Id, request.PublicKey.Memory, request.Platform, Bounded(request.AgentVersion, MaxNameCharacters)),
            cancellationToken);
        LogEnrolled(device.Id, device.Product, device.Channel, device.Platform, token.Id);
        return new EnrolResponse { DeviceId = device.Id, Product = device.Product, Channel = device.Channel };
    }

    /// <summary>Header first, then the pieces of the manifest transfer.</summary>
    public async IAsyncEnumerable<CheckForUpdateResponse> CheckForUpdateAsync(
        Caller caller, CheckForUpdateRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var product = await GetProductAsync(caller, request.Product, cancellationToken);
        var channel = await GetChannelAsync(caller, product.Name, request, cancellationToken);
        var release = await GetTargetAsync(channel, request.Version, cancellationToken);
        var isHeld = Digest.TryFromBytes(request.HeldManifestDigest.Span, out var heldDigest)
            && heldDigest == release.Manifest;
        var header = await MakeHeaderAsync(product.Name, request.RootVersion, channel, release, cancellationToken);
        header.IsHeld = isHeld;
        if (isHeld)
        {
            yield return new CheckForUpdateResponse { Header = header };
            yield break;
        }

        var held = await FindHeldAsync(product.Name, request.HeldManifestDigest, cancellationToken);
        var offer = held?.Platform == release.Platform
            ? await deltas.OfferAsync(
                new DeltaPair(held.Manifest, release.Manifest), release.Manifest == channel.Current, cancellationToken)
            : UpdateOffer.None;
        var transfer = await transfers.GetAsync(release.Manifest, held?.Manifest, cancellationToken);
        header.Deltas.AddRange(offer.Deltas);
        header.ChunkBytes = offer.ChunkBytes;
        header.TransferBytes = (ulong)transfer.Frame.Length;
        header.UsesPrefix = transfer.UsesPrefix;
        header.Signatures.AddRange(transfer.Signatures);
        yield return new CheckForUpdateResponse { Header = header };
        for (var rest = transfer.Frame; !rest.IsEmpty; rest = rest[Math.Min(PieceBytes, rest.Length)..])
        {
            var piece = UnsafeByteOperations.UnsafeWrap(rest[..Math.Min(PieceBytes, rest.Length)]);
            yield return new CheckForUpdateResponse { TransferPiece = piece };
        }
    }

    /// <summary>Keeps what a device says of itself.</summary>
    public async Task<ReportResponse> ReportAsync(
        Caller caller, ReportRequest request, CancellationToken cancellationToken)
    {
        if (caller.Role != CallerRole.Device)
            throw new ChunkOtaException(ErrorCodes.NotAllowed, "Only a device reports, and only of itself");
        var product = await GetProductAsync(caller, request.Product, cancellationToken);
        await catalogue.Devices.PutReportAsync(
            new DeviceReport
            {
                DeviceId = caller.Id,
                Received = clock.GetUtcNow(),
                Product = product.Name,
                Platform = Bounded(request.Platform, MaxNameCharacters),
                Channel = Bounded(request.Channel, MaxNameCharacters),
                Running = OptionalDigest(request.RunningManifestDigest),
                RunningVersion = Bounded(request.RunningVersion, MaxNameCharacters),
                State = (int)request.State,
                Target = OptionalDigest(request.TargetManifestDigest),
                CauseCode = Bounded(request.CauseCode, MaxNameCharacters),
                CauseText = Bounded(request.CauseText, MaxCauseCharacters),
                WireBytesUp = request.WireBytesUp,
                WireBytesDown = request.WireBytesDown,
                AgentVersion = Bounded(request.AgentVersion, MaxNameCharacters),
            },
            cancellationToken);
        LogReported(caller.Id, request.State, request.RunningVersion, request.CauseCode);
        return new ReportResponse { NextPollSeconds = (uint)settings.PollSeconds };
    }

    /// <summary>The device has the key's private half, and means this very token.</summary>
    private static void CheckProof(EnrolRequest request)
    {
        byte[] body = [.. request.TokenId.Span, .. request.PublicKey.Span];
        if (request.PublicKey.Length != Ed25519.PublicKeyBytes
            || !Ed25519.Verify(
                request.PublicKey.Span, SignedDocument.SignedBytes(PayloadTypes.Enrol, body), request.Proof.Span))
            throw new ChunkOtaException(
                ErrorCodes.SigInvalid, "The proof is no signature of the device's key over this enrolment");
    }

    private async ValueTask<ProductRecord> GetProductAsync(
        Caller caller, string name, CancellationToken cancellationToken) =>
        caller.MayRead(name) && await catalogue.Identities.FindProductAsync(name, cancellationToken) is { } product
            ? product
            : throw new ChunkOtaException(
                ErrorCodes.ProductUnknown, $"There is no product {OneLine.Of(name)} for this device");

    /// <summary>The channel's line for the device's platform, or the one for any platform.</summary>
    private async ValueTask<ChannelRecord> GetChannelAsync(
        Caller caller, string product, CheckForUpdateRequest request, CancellationToken cancellationToken)
    {
        var name = request.Channel.Length != 0 ? request.Channel : caller.Channel ?? "";
        return await catalogue.Releases.FindChannelAsync(product, request.Platform, name, cancellationToken)
            ?? await catalogue.Releases.FindChannelAsync(product, AnyPlatform, name, cancellationToken)
            ?? throw new ChunkOtaException(ErrorCodes.ChannelUnknown,
                $"Nothing was published to channel {OneLine.Of(name)} of {product} for {OneLine.Of(request.Platform)}");
    }

    private async ValueTask<ReleaseRecord> GetTargetAsync(
        ChannelRecord channel, string version, CancellationToken cancellationToken)
    {
        if (version.Length != 0)
        {
            return await catalogue.Releases.FindReleaseAsync(
                channel.Product, channel.Platform, version, cancellationToken)
                ?? throw new ChunkOtaException(ErrorCodes.VersionUnknown,
                    $"{channel.Product} has no version {OneLine.Of(version)} for {channel.Platform}");
        }

        return await catalogue.Releases.FindReleaseAsync(channel.Current, cancellationToken)
            ?? throw new StoreUnavailableException(
                $"The release {channel.Current} that channel {channel.Name} names is gone");
    }

    private async ValueTask<UpdateHeader> MakeHeaderAsync(
        string product, ulong heldRoot, ChannelRecord channel, ReleaseRecord release,
        CancellationToken cancellationToken)
    {
        var roots = await catalogue.Identities.ListRootsAsync(product, heldRoot, MaxRootsPerCall, cancellationToken);
        return new UpdateHeader
        {
            Roots = { roots.Select(root => root.ToEnvelope()) },
            Pointer = Envelope.Parser.ParseFrom(channel.Envelope.Span),
            Manifest = release.ToDocumentRef(),
        };
    }

    /// <summary>The release that the device holds, if it is one of this product and so known here.</summary>
    private async ValueTask<ReleaseRecord?> FindHeldAsync(
        string product, ByteString heldManifest, CancellationToken cancellationToken) =>
        OptionalDigest(heldManifest) is { } digest
        && await catalogue.Releases.FindReleaseAsync(digest, cancellationToken) is { } release
        && release.Product == product
            ? release
            : null;

    private static Digest? OptionalDigest(ByteString bytes) =>
        Digest.TryFromBytes(bytes.Span, out var digest) ? digest : null;

    /// <summary>One line of at most so many characters: what a device says is shown to people.</summary>
    private static string Bounded(string text, int maxCharacters)
    {
        var line = OneLine.Of(text);
        return line.Length <= maxCharacters ? line : line[..maxCharacters];
    }

    [LoggerMessage(4020, LogLevel.Information,
        "Device {Device} enrolled for {Product} {Channel} ({Platform}) with token {Token}")]
    private partial void LogEnrolled(string device, string product, string channel, string platform, string token);

    [LoggerMessage(4021, LogLevel.Information, "Device {Device} reports {State}, running {Version} {Cause}")]
    private partial void LogReported(string device, DeviceState state, string version, string cause);
}
