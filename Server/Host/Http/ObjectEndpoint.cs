using System.Globalization;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Server.Core;
using ChunkOta.Storage;
using Microsoft.Net.Http.Headers;

namespace ChunkOta.Server;

/// <summary>Range GET and HEAD of a release's immutable objects, for mirrors, proxies and tools without gRPC.</summary>
/// <remarks>
/// An object's name is its digest, so an answer may be cached for ever, but only callers that may read the release get
/// one. It is verified before, once an hour: a rotten one is damage of the store, and no attack. Then
/// <see cref="ObjectBody"/> sends the bytes.
/// </remarks>
internal sealed class ObjectEndpoint(
    ServerOperations operations, CallerGate gate, Store store, ServerMetrics metrics)
{
    /// <summary>Serves the signed manifest of a release.</summary>
    public async Task ServeManifestAsync(HttpContext context, string manifest)
    {
        var (caller, release) = await GetReleaseAsync(context, manifest);
        await ServeAsync(context, caller, ObjectName.Manifest(release.Manifest), DedupDomain.Shared);
    }

    /// <summary>Serves the recipe of a file.</summary>
    public async Task ServeRecipeAsync(HttpContext context, string manifest, string recipe)
    {
        var (caller, release) = await GetReleaseAsync(context, manifest);
        if (!Digest.TryParse(recipe, CultureInfo.InvariantCulture, out var digest)
            || !await operations.Releases.HasRecipeAsync(release, digest, context.RequestAborted))
            throw new ChunkOtaException(
                ErrorCodes.EntryInvalid, $"no file of the release has the recipe: {OneLine.Of(recipe)}");
        var domain = await store.Reading.Releases.GetDomainAsync(release.Product, context.RequestAborted);
        await ServeAsync(context, caller, ObjectName.Recipe(domain, digest), domain);
    }

    /// <summary>Serves a delta to a release.</summary>
    public async Task ServeDeltaAsync(HttpContext context, string manifest, string delta)
    {
        var caller = await IdentifyAsync(context);
        var release = ParseManifest(manifest);
        if (!Digest.TryParse(delta, CultureInfo.InvariantCulture, out var digest))
            throw new ChunkOtaException(
                ErrorCodes.DeltaUnknown, $"a delta is named by 64 lower-case hex digits, not {OneLine.Of(delta)}");
        await operations.Deltas.GetAsync(caller, release, digest, context.RequestAborted);
        await ServeAsync(context, caller, ObjectName.Delta(digest), DedupDomain.Shared);
    }

    private async ValueTask<(Caller Caller, ReleaseRecord Release)> GetReleaseAsync(
        HttpContext context, string manifest)
    {
        var caller = await IdentifyAsync(context);
        var digest = ParseManifest(manifest);
        return (caller, await operations.Releases.GetReadableAsync(caller, digest, context.RequestAborted));
    }

    private ValueTask<Caller> IdentifyAsync(HttpContext context) => gate.IdentifyAsync(
        context, $"{context.Request.Method} {context.Request.Path}", context.Request.Host.ToString());

    private static Digest ParseManifest(string text) =>
        Digest.TryParse(text, CultureInfo.InvariantCulture, out var digest)
            ? digest
            : throw new ChunkOtaException(
                ErrorCodes.ReleaseUnknown, $"a release is named by 64 lower-case hex digits, not {OneLine.Of(text)}");

    /// <param name="context">The request.</param>
    /// <param name="caller">The caller, who may read the object.</param>
    /// <param name="name">The object.</param>
    /// <param name="domain">The domain that it is named in; the mask at its end is not sent.</param>
    private async Task ServeAsync(HttpContext context, Caller caller, ObjectName name, DedupDomain domain)
    {
        var length = await store.Objects.FindLengthAsync(name, context.RequestAborted) - domain.MaskBytes
            ?? throw new ObjectMissingException(name);
        var tag = new EntityTagHeaderValue($"\"{domain.DigestOf(name.Digest)}\"");
        var asked = context.Request.GetTypedHeaders();
        if (asked.IfNoneMatch.Any(known =>
            known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false)))
        {
            Describe(context, tag);
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (ByteRange.Choose(asked, tag, length) is not { } range)
        {
            Describe(context, tag);
            context.Response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            context.Response.GetTypedHeaders().ContentRange = new ContentRangeHeaderValue(length);
            return;
        }

        var isHead = HttpMethods.IsHead(context.Request.Method);
        // The answer begins when its bytes may follow: until then it can still be 429.
        using var transfer = isHead ? null : await operations.Sending.EnterAsync(caller, context.RequestAborted);
        if (!isHead) await store.Scrubbing.Sent.VerifyAsync(name, context.RequestAborted);
        Describe(context, tag);
        var response = context.Response;
        response.ContentType = "application/octet-stream";
        response.ContentLength = range.Length;
        if (range.Length != length)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.GetTypedHeaders().ContentRange =
                new ContentRangeHeaderValue(range.Offset, range.Offset + range.Length - 1, length);
        }

        if (transfer is null) return;
        var body = new ObjectBody(store.Objects, context, transfer);
        try
        {
            await body.SendAsync(name, range);
        }
        finally
        {
            metrics.Sent(ContentOf(name.Kind), body.SentBytes);
        }
    }

    private static void Describe(HttpContext context, EntityTagHeaderValue tag)
    {
        var headers = context.Response.Headers;
        context.Response.GetTypedHeaders().ETag = tag;
        headers.AcceptRanges = "bytes";
        headers.CacheControl = "private, max-age=31536000, immutable";
        headers.XContentTypeOptions = "nosniff";
    }

    private static SentContent ContentOf(ObjectKind kind) => kind switch
    {
        ObjectKind.Manifest => SentContent.Manifest,
        ObjectKind.Recipe => SentContent.Recipe,
        ObjectKind.Delta => SentContent.Delta,
        _ => SentContent.Chunks,
    };
}
