using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace ChunkOta.Storage.S3;

/// <summary>Uploads objects of any length in parts; an object becomes visible when all of them are there.</summary>
internal sealed class S3Upload(AmazonS3Client client, S3Calls calls, S3Bucket bucket)
{
    /// <summary>Memory of an upload, and the length from which an object is sent in parts. The service takes 10,000
    /// parts: 78 GiB an object.</summary>
    internal const int PartBytes = 8 * 1024 * 1024;

    /// <summary>Older ones belong to no running server: a part takes a minute at most.</summary>
    private static readonly TimeSpan AbandonedAfter = TimeSpan.FromDays(1);

    /// <summary>Sends an object in parts.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="content">The rest of it.</param>
    /// <param name="buffer">Holds the first part, and later each other one.</param>
    internal async Task SendAsync(
        string key, Stream content, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var begun = await calls.RunAsync(
            0, token => client.InitiateMultipartUploadAsync(
                new InitiateMultipartUploadRequest { BucketName = bucket.Name, Key = key }, token),
            cancellationToken).ConfigureAwait(false);
        var upload = new Upload(key, begun.UploadId);
        try
        {
            List<PartETag> tags = [];
            List<byte[]> digests = [];
            for (var length = buffer.Length; length > 0;
                length = await content.ReadAtLeastAsync(buffer, buffer.Length, false, cancellationToken)
                    .ConfigureAwait(false))
            {
                digests.Add(S3Client.Md5Of(buffer[..length]));
                tags.Add(await SendPartAsync(
                    upload, tags.Count + 1, buffer[..length], digests[^1], cancellationToken).ConfigureAwait(false));
            }

            await CompleteAsync(upload, tags, digests, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await AbortAsync(upload).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Ends the uploads that killed servers left: their parts take space that nobody sees. Uploads of other
    /// programs to the same bucket are left alone.</summary>
    internal async Task AbortAbandonedAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var request = new ListMultipartUploadsRequest { BucketName = bucket.Name, Prefix = bucket.Prefix };
        while (true)
        {
            var page = await calls.RunAsync(
                0, token => client.ListMultipartUploadsAsync(request, token), cancellationToken).ConfigureAwait(false);
            foreach (var left in page.MultipartUploads ?? [])
            {
                if (IsOwn(left.Key) && left.Initiated is { } began
                    && now - began.ToUniversalTime() > AbandonedAfter)
                    await AbortAsync(new Upload(left.Key, left.UploadId)).ConfigureAwait(false);
            }

            if (page.IsTruncated is not true || string.IsNullOrEmpty(page.NextKeyMarker)) return;
            (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
    }

    private bool IsOwn(string key) =>
        key.StartsWith(bucket.Prefix, StringComparison.Ordinal)
        && ObjectName.TryParse(key[bucket.Prefix.Length..], out _);

    private async Task<PartETag> SendPartAsync(
        Upload upload, int number, ReadOnlyMemory<byte> part, byte[] digest,
        CancellationToken cancellationToken)
    {
        var sent = await calls.RunAsync(
            part.Length, token => client.UploadPartAsync(
                new UploadPartRequest
                {
                    BucketName = bucket.Name,
                    Key = upload.Key,
                    UploadId = upload.Id,
                    PartNumber = number,
                    PartSize = part.Length,
                    InputStream = S3ObjectStore.StreamOf(part),
                    MD5Digest = Convert.ToBase64String(digest),
                    UseChunkEncoding = false,
                },
                token),
            cancellationToken).ConfigureAwait(false);
        return new PartETag { PartNumber = number, ETag = sent.ETag };
    }

    /// <summary>Joins the parts. When the answer to an earlier attempt was lost, the upload is unknown by now: then the
    /// object itself tells by its tag that it was joined.</summary>
    private Task<bool> CompleteAsync(
        Upload upload, List<PartETag> tags, List<byte[]> digests,
        CancellationToken cancellationToken) => calls.RunAsync(
            0, async token =>
            {
                try
                {
                    _ = await client.CompleteMultipartUploadAsync(
                        new CompleteMultipartUploadRequest
                        {
                            BucketName = bucket.Name,
                            Key = upload.Key,
                            UploadId = upload.Id,
                            PartETags = tags,
                        },
                        token).ConfigureAwait(false);
                }
                catch (AmazonS3Exception gone) when (gone.StatusCode == HttpStatusCode.NotFound)
                {
                    var there = await client.GetObjectMetadataAsync(
                        new GetObjectMetadataRequest { BucketName = bucket.Name, Key = upload.Key }, token)
                        .ConfigureAwait(false);
                    if (there.ETag != S3Client.TagOf(digests)) throw;
                }

                return true;
            },
            cancellationToken);

    /// <summary>Gives the parts back. It is not worth a failure: a later start does it again.</summary>
    private async Task AbortAsync(Upload upload)
    {
        try
        {
            _ = await calls.TryAsync(
                0, token => client.AbortMultipartUploadAsync(
                    new AbortMultipartUploadRequest
                    {
                        BucketName = bucket.Name,
                        Key = upload.Key,
                        UploadId = upload.Id,
                    },
                    token),
                CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (S3Failures.IsOfService(e))
        {
            return;
        }
    }

    /// <summary>An upload that was begun.</summary>
    private readonly record struct Upload(string Key, string Id);
}
