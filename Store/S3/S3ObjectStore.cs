using System.Buffers;
using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;

namespace ChunkOta.Storage.S3;

/// <summary>Objects in a bucket of an S3 service: <c>PREFIX/packs/ab/ab…</c>.</summary>
/// <remarks>
/// The service shows an object only when it has all of it, and checks the bytes against their MD5 before. Calls are
/// repeated until the deadline of the bucket; a put that happened twice has put the same bytes. Any number of servers
/// at once: nothing is decided by a list, which may be old.
/// </remarks>
public sealed class S3ObjectStore : IMarkedObjectStore, IDisposable
{
    /// <summary>Small objects that one call puts at the same time.</summary>
    private const int PutsAtOnce = 16;

    private const int MaxMarkBytes = 64;

    private readonly S3Bucket _bucket;
    private readonly AmazonS3Client _client;
    private readonly S3Calls _calls;
    private readonly S3Upload _upload;

    private S3ObjectStore(S3Bucket bucket, TimeProvider clock)
    {
        _bucket = bucket;
        _client = S3Client.Open(bucket);
        _calls = new S3Calls(bucket, clock);
        _upload = new S3Upload(_client, _calls, bucket);
    }

    /// <summary>Connects to a bucket, and ends uploads that killed servers left there a day ago.</summary>
    /// <exception cref="StoreUnavailableException">The bucket does not answer, or refuses the key.</exception>
    public static async Task<S3ObjectStore> OpenAsync(
        S3Bucket bucket, TimeProvider clock, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(clock);
        var store = new S3ObjectStore(bucket, clock);
        try
        {
            await store._upload.AbortAbandonedAsync(clock.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>A bucket that is only read, such as a second copy; connects when it is read.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="clock">Measures the deadline of calls.</param>
    public static S3ObjectStore OpenReader(S3Bucket bucket, TimeProvider clock) => new(bucket, clock);

    /// <summary>Puts, reads, lists and deletes a probe, which is not an object of the store.</summary>
    /// <exception cref="StoreFailedException">One of them fails, or the bucket returns other bytes.</exception>
    public async Task ProbeAsync(CancellationToken cancellationToken = default)
    {
        var key = $"{_bucket.Prefix}probe/{Guid.NewGuid():n}";
        var content = RandomNumberGenerator.GetBytes(1024);
        await PutAsync(key, content, cancellationToken).ConfigureAwait(false);
        var read = new byte[content.Length / 2];
        var length = await ReadAsync(key, read.Length, read, cancellationToken).ConfigureAwait(false);
        _ = await ListPageAsync(
            new ListObjectsV2Request { BucketName = _bucket.Name, Prefix = key }, cancellationToken)
            .ConfigureAwait(false);
        await DeleteAsync(key, cancellationToken).ConfigureAwait(false);
        if (length != read.Length || !content.AsSpan(read.Length).SequenceEqual(read))
            throw S3Failures.Describe(new IOException("it returned other bytes than were stored"), _bucket);
    }

    /// <inheritdoc/>
    public string Location => _bucket.ToString();

    private string MarkKey => $"{_bucket.Prefix}catalogue";

    /// <inheritdoc/>
    public async Task<string?> FindMarkAsync(CancellationToken cancellationToken = default)
    {
        var mark = new byte[MaxMarkBytes];
        return await ReadAsync(MarkKey, 0, mark, cancellationToken).ConfigureAwait(false) is { } length
            ? Encoding.ASCII.GetString(mark, 0, length)
            : null;
    }

    /// <inheritdoc/>
    public Task PutMarkAsync(string mark, CancellationToken cancellationToken = default) =>
        PutAsync(MarkKey, Encoding.ASCII.GetBytes(mark), cancellationToken);

    /// <inheritdoc/>
    public async Task PutAsync(ObjectName name, Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        var rented = ArrayPool<byte>.Shared.Rent(S3Upload.PartBytes);
        try
        {
            var buffer = rented.AsMemory(0, S3Upload.PartBytes);
            var length = await content.ReadAtLeastAsync(buffer, buffer.Length, false, cancellationToken)
                .ConfigureAwait(false);
            await (length < buffer.Length
                ? PutAsync(KeyOf(name), buffer[..length], cancellationToken)
                : _upload.SendAsync(KeyOf(name), content, buffer, cancellationToken)).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <inheritdoc/>
    public Task PutManyAsync(IReadOnlyList<ObjectContent> objects, CancellationToken cancellationToken = default) =>
        Parallel.ForEachAsync(
            objects,
            new ParallelOptions { MaxDegreeOfParallelism = PutsAtOnce, CancellationToken = cancellationToken },
            async (put, token) => await PutAsync(KeyOf(put.Name), put.Content, token).ConfigureAwait(false));

    /// <inheritdoc/>
    public async ValueTask ReadAsync(
        ObjectName name, long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        // There is no range of no bytes.
        int? read = destination.IsEmpty
            ? (await FindLengthAsync(name, cancellationToken).ConfigureAwait(false) is null ? null : 0)
            : await ReadAsync(KeyOf(name), offset, destination, cancellationToken).ConfigureAwait(false);
        if (read is null)
            throw new ObjectMissingException(name);
        if (read < destination.Length)
            throw ObjectDamagedException.Short(name, offset, destination.Length, read.Value);
    }

    /// <inheritdoc/>
    public async ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default)
    {
        var found = await _calls.RunAsync(
            0, token => FindOnceAsync(KeyOf(name), token), cancellationToken).ConfigureAwait(false);
        return found < 0 ? null : found;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ObjectName> ListAsync(
        ObjectKind kind, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = new ListObjectsV2Request
        {
            BucketName = _bucket.Name,
            Prefix = $"{_bucket.Prefix}{ObjectName.FolderOf(kind)}/",
        };
        do
        {
            var page = await ListPageAsync(request, cancellationToken).ConfigureAwait(false);
            foreach (var found in page.S3Objects ?? [])
            {
                if (ObjectName.TryParse(found.Key[_bucket.Prefix.Length..], out var name))
                    yield return name;
            }

            request.ContinuationToken = page.NextContinuationToken;
        }
        while (!string.IsNullOrEmpty(request.ContinuationToken));
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(ObjectName name, CancellationToken cancellationToken = default)
    {
        // The service answers the same whether there was one or not.
        if (await FindLengthAsync(name, cancellationToken).ConfigureAwait(false) is null) return false;
        await DeleteAsync(KeyOf(name), cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Closes the connections. No call may be running.</summary>
    public void Dispose() => _client.Dispose();

    internal static MemoryStream StreamOf(ReadOnlyMemory<byte> content) =>
        MemoryMarshal.TryGetArray(content, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(content.ToArray(), writable: false);

    private string KeyOf(ObjectName name) => $"{_bucket.Prefix}{name}";

    private async Task PutAsync(string key, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var digest = Convert.ToBase64String(S3Client.Md5Of(content));
        // Without a condition: a put must heal an object that is damaged, and replaces any other by the same bytes.
        _ = await _calls.RunAsync(
            content.Length, token => _client.PutObjectAsync(
                new PutObjectRequest
                {
                    BucketName = _bucket.Name,
                    Key = key,
                    InputStream = StreamOf(content),
                    ContentType = "application/octet-stream",
                    MD5Digest = digest,
                    UseChunkEncoding = false,
                },
                token),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads as much as there is of a range.</summary>
    /// <returns>The bytes that were read; null when there is no such object.</returns>
    private async Task<int?> ReadAsync(
        string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var read = await _calls.RunAsync(
            destination.Length, token => ReadOnceAsync(key, offset, destination, token), cancellationToken)
            .ConfigureAwait(false);
        return read < 0 ? null : read;
    }

    private async Task<int> ReadOnceAsync(
        string key, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _client.GetObjectAsync(
                new GetObjectRequest
                {
                    BucketName = _bucket.Name,
                    Key = key,
                    ByteRange = new ByteRange(offset, offset + destination.Length - 1),
                },
                cancellationToken).ConfigureAwait(false);
            var start = string.Create(CultureInfo.InvariantCulture, $"bytes {offset}-");
            if (answer.ContentRange?.StartsWith(start, StringComparison.Ordinal) is not true)
                throw new IOException($"it returned another range than {start}");
            var length = (int)Math.Min(answer.ContentLength, destination.Length);
            await answer.ResponseStream.ReadExactlyAsync(destination[..length], cancellationToken)
                .ConfigureAwait(false);
            return length;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            return 0;
        }
        catch (AmazonS3Exception e) when (S3Failures.Is(e, "NoSuchKey"))
        {
            return -1;
        }
    }

    private async Task<long> FindOnceAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var found = await _client.GetObjectMetadataAsync(
                new GetObjectMetadataRequest { BucketName = _bucket.Name, Key = key }, cancellationToken)
                .ConfigureAwait(false);
            return found.ContentLength;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            // This answer has no body, which would tell a lost object from a lost bucket; the answer to a read has one.
            return await ReadOnceAsync(key, 0, new byte[1], cancellationToken).ConfigureAwait(false) < 0
                ? -1
                : throw new IOException($"{key} has just appeared");
        }
    }

    private Task<ListObjectsV2Response> ListPageAsync(
        ListObjectsV2Request request, CancellationToken cancellationToken) =>
        _calls.RunAsync(0, token => _client.ListObjectsV2Async(request, token), cancellationToken);

    /// <summary>Deletes an object, with a repetition only if the service refused to. An attempt without an answer may
    /// still be carried out, also after a later one succeeded and the object was stored again.</summary>
    private async Task DeleteAsync(string key, CancellationToken cancellationToken) =>
        _ = await _calls.RunAsync(
            0, async token =>
            {
                try
                {
                    return await _client.DeleteObjectAsync(
                        new DeleteObjectRequest { BucketName = _bucket.Name, Key = key }, token).ConfigureAwait(false);
                }
                catch (Exception e) when (
                    S3Failures.IsWithoutAnswer(e) && !cancellationToken.IsCancellationRequested)
                {
                    throw S3Failures.Describe(e, _bucket);
                }
            },
            cancellationToken).ConfigureAwait(false);
}
