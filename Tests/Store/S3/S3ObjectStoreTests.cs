using Amazon.S3.Model;
using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Storage.S3;
using ChunkOta.Tests.Store.Contracts;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.S3;

public sealed class S3ObjectStoreTests(RadosgwFixture fixture) : ObjectStoreContract, IAsyncLifetime
{
    private Radosgw _service = null!;
    private string _bucket = null!;
    private S3ObjectStore _store = null!;

    protected override IPrunableObjectStore Store => _store;

    public async ValueTask InitializeAsync()
    {
        _service = await fixture.ServiceAsync();
        _bucket = await _service.MakeBucketAsync();
        _store = await OpenAsync("site");
    }

    public ValueTask DisposeAsync()
    {
        _store?.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_mark_is_read_back_and_replaced_and_is_that_of_its_prefix()
    {
        Assert.Null(await _store.FindMarkAsync());
        await _store.PutMarkAsync("one");
        await _store.PutMarkAsync("another");
        Assert.Equal("another", await _store.FindMarkAsync());
        using var other = await OpenAsync("other");
        Assert.Null(await other.FindMarkAsync());
    }

    [Fact]
    public async Task A_long_object_goes_in_parts_and_leaves_no_upload()
    {
        var content = Content((2 * S3Upload.PartBytes) + 5, 3);
        using var stream = new MemoryStream(content);

        await Store.PutAsync(Name(1), stream);

        Assert.Equal(content.Length, await Store.FindLengthAsync(Name(1)));
        Assert.Equal(Digest.Of(content), Digest.Of(await ReadAllAsync(Name(1), content.Length)));
        Assert.Empty(await UploadsAsync());
    }

    [Fact]
    public async Task An_object_of_exactly_the_length_of_a_part_is_whole()
    {
        var content = Content(S3Upload.PartBytes, 3);
        using var stream = new MemoryStream(content);

        await Store.PutAsync(Name(1), stream);

        Assert.Equal(Digest.Of(content), Digest.Of(await ReadAllAsync(Name(1), content.Length)));
    }

    [Fact]
    public async Task A_long_object_whose_source_fails_is_not_visible_and_leaves_no_upload()
    {
        using var source = new FailingStream(S3Upload.PartBytes + 10);

        await Assert.ThrowsAsync<InvalidDataException>(() => Store.PutAsync(Name(1), source));

        Assert.Null(await Store.FindLengthAsync(Name(1)));
        Assert.Empty(await UploadsAsync());
    }

    [Fact]
    public async Task Uploads_that_a_killed_server_left_end_a_day_later_and_younger_ones_stay()
    {
        using var client = _service.Connect();
        await client.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest { BucketName = _bucket, Key = $"site/{Name(1)}" });
        await client.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest { BucketName = _bucket, Key = $"other/{Name(1)}" });
        await client.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest { BucketName = _bucket, Key = "site/video.mp4" });

        (await OpenAsync("site")).Dispose();
        Assert.Equal(3, (await UploadsAsync()).Count);
        var tomorrow = new ShiftedTime();
        tomorrow.Advance(TimeSpan.FromHours(25));
        (await OpenAsync("site", tomorrow)).Dispose();

        Assert.Equal([$"other/{Name(1)}", "site/video.mp4"], (await UploadsAsync()).Order());
    }

    [Fact]
    public async Task Installations_with_their_own_prefixes_do_not_see_each_other()
    {
        using var other = await OpenAsync("/site/two/");
        await Store.PutAsync(Name(1), Content(3, 1));
        await other.PutAsync(Name(2), Content(4, 1));

        Assert.Equal([Name(1)], await Store.ListAsync(ObjectKind.Pack).ToListAsync());
        Assert.Equal([Name(2)], await other.ListAsync(ObjectKind.Pack).ToListAsync());
        Assert.Null(await other.FindLengthAsync(Name(1)));
        Assert.False(await other.DeleteAsync(Name(1)));
    }

    [Fact]
    public async Task Putting_an_object_again_heals_it()
    {
        using var client = _service.Connect();
        await client.PutObjectAsync(
            new PutObjectRequest { BucketName = _bucket, Key = $"site/{Name(1)}", ContentBody = "rotten" });

        await Store.PutAsync(Name(1), Content(100, 1));

        Assert.Equal(Content(100, 1), await ReadAllAsync(Name(1), 100));
    }

    [Fact]
    public async Task More_objects_than_a_page_are_all_listed()
    {
        var objects = Enumerable.Range(0, 1100).Select(i => new ObjectContent(Name(i), Content(1, i))).ToArray();
        await Store.PutManyAsync(objects);

        Assert.Equal(
            objects.Select(put => put.Name).ToHashSet(),
            (await Store.ListAsync(ObjectKind.Pack).ToListAsync()).ToHashSet());
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_is_a_failed_store_and_not_a_lost_object()
    {
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => S3ObjectStore.OpenAsync(TestBucket.At(_service.Endpoint, "nowhere"), TimeProvider.System));
        Assert.Contains("NoSuchBucket", failure.OperatorDetail, StringComparison.Ordinal);
        using var client = _service.Connect();
        await client.DeleteBucketAsync(_bucket);

        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await Store.FindLengthAsync(Name(1)));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => ReadAllAsync(Name(1), 1));
    }

    [Fact]
    public async Task A_wrong_key_is_refused_at_once_and_the_secret_stays_out_of_the_message()
    {
        var bucket = TestBucket.At(_service.Endpoint, _bucket) with
        {
            Credentials = new S3Credentials(Radosgw.AccessKey, "wrong-secret", null),
        };

        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => S3ObjectStore.OpenAsync(bucket, TimeProvider.System));

        Assert.Contains("SignatureDoesNotMatch", failure.OperatorDetail, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong-secret", failure.OperatorDetail + failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_quota_is_a_full_store()
    {
        await _service.LimitAsync(_bucket, objects: 2);

        var failure = await Assert.ThrowsAsync<StoreFullException>(async () =>
        {
            for (var i = 0; i < 10; i++) await Store.PutAsync(Name(i), Content(10, i));
        });

        Assert.Contains("QuotaExceeded", failure.OperatorDetail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_probe_leaves_nothing()
    {
        await _store.ProbeAsync();

        using var client = _service.Connect();
        var left = await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _bucket });
        Assert.Empty(left.S3Objects ?? []);
    }

    private Task<S3ObjectStore> OpenAsync(string prefix, TimeProvider? clock = null) =>
        S3ObjectStore.OpenAsync(TestBucket.At(_service.Endpoint, _bucket, prefix), clock ?? TimeProvider.System);

    private async Task<byte[]> ReadAllAsync(ObjectName name, int length)
    {
        var bytes = new byte[length];
        await Store.ReadAsync(name, 0, bytes);
        return bytes;
    }

    private async Task<List<string>> UploadsAsync()
    {
        using var client = _service.Connect();
        var list = await client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _bucket });
        return [.. (list.MultipartUploads ?? []).Select(upload => upload.Key)];
    }

    /// <summary>Bytes that end with a failure.</summary>
    private sealed class FailingStream(int length) : MemoryStream(new byte[length])
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            await base.ReadAsync(buffer, cancellationToken) is > 0 and var read
                ? read
                : throw new InvalidDataException("the source failed");
    }
}
