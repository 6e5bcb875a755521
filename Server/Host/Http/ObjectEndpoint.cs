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
/// one. Bytes go from the store to the transport in pieces of 64 KiB.
/// </remarks>
internal sealed class ObjectEndpoint(ServerOperations operations, CallerGate gate, IObjectReader objects)
{
    private const int PieceBytes = 64 * 1024;

    /// <summary>Serves the signed manifest of a release.</summary>
    public async Task ServeManifestAsync(HttpContext context, string manifest)
    {
        var release = await GetReleaseAsync(context, manifest);
        await ServeAsync(context, ObjectName.Manifest(release.Manifest));
    }

    /// <summary>Serves the recipe of a file.</summary>
    public async Task ServeRecipeAsync(HttpContext context, string manifest, string recipe)
    {
        var release = await GetReleaseAsync(context, manifest);
        if (!Digest.TryParse(recipe, CultureInfo.InvariantCulture, out var digest)
            || !await operations.Releases.HasRecipeAsync(release, digest, context.RequestAborted))
            throw new ChunkOtaException(
                ErrorCodes.EntryInvalid, $"no file of the release has the recipe: {OneLine.Of(recipe)}");
        await ServeAsync(context, ObjectName.Recipe(digest));
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
        await ServeAsync(context, ObjectName.Delta(digest));
    }

    private async ValueTask<ReleaseRecord> GetReleaseAsync(HttpContext context, string manifest)
    {
        var caller = await IdentifyAsync(context);
        return await operations.Releases.GetReadableAsync(caller, ParseManifest(manifest), context.RequestAborted);
    }

    private ValueTask<Caller> IdentifyAsync(HttpContext context) => gate.IdentifyAsync(
        context, $"{context.Request.Method} {context.Request.Path}", context.Request.Host.ToString());

    private static Digest ParseManifest(string text) =>
        Digest.TryParse(text, CultureInfo.InvariantCulture, out var digest)
            ? digest
            : throw new ChunkOtaException(
                ErrorCodes.ReleaseUnknown, $"a release is named by 64 lower-case hex digits, not {OneLine.Of(text)}");

    private async Task ServeAsync(HttpContext context, ObjectName name)
    {
        var length = await objects.FindLengthAsync(name, context.RequestAborted)
            ?? throw new ObjectMissingException(name);
        var tag = new EntityTagHeaderValue($"\"{name.Digest}\"");
        var response = context.Response;
        var headers = response.GetTypedHeaders();
        headers.ETag = tag;
        response.Headers.AcceptRanges = "bytes";
        response.Headers.CacheControl = "private, max-age=31536000, immutable";
        response.Headers.XContentTypeOptions = "nosniff";

        var asked = context.Request.GetTypedHeaders();
        if (asked.IfNoneMatch.Any(known =>
            known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (ByteRange.Choose(asked, tag, length) is not { } range)
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            headers.ContentRange = new ContentRangeHeaderValue(length);
            return;
        }

        response.ContentType = "application/octet-stream";
        response.ContentLength = range.Length;
        if (range.Length != length)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            headers.ContentRange = new ContentRangeHeaderValue(range.Offset, range.Offset + range.Length - 1, length);
        }

        if (!HttpMethods.IsHead(context.Request.Method)) await CopyAsync(name, range, context);
    }

    private async Task CopyAsync(ObjectName name, ByteRange range, HttpContext context)
    {
        var writer = context.Response.BodyWriter;
        var end = range.Offset + range.Length;
        for (var at = range.Offset; at < end;)
        {
            var piece = writer.GetMemory(PieceBytes)[..(int)Math.Min(PieceBytes, end - at)];
            await objects.ReadAsync(name, at, piece, context.RequestAborted);
            writer.Advance(piece.Length);
            at += piece.Length;
            if ((await writer.FlushAsync(context.RequestAborted)).IsCompleted) return;
        }
    }
}
