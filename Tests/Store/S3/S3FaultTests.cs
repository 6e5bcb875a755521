using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Storage.S3;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.S3;

/// <summary>The store on a service whose requests and answers get lost, cut, doubled and changed.</summary>
public sealed class S3FaultTests(RadosgwFixture fixture) : IAsyncLifetime
{
    private Radosgw _service = null!;
    private string _bucket = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await fixture.ServiceAsync();
        _bucket = await _service.MakeBucketAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public static TheoryData<string> Faults =>
    [
        nameof(S3Fault.LostAnswer), nameof(S3Fault.Twice), nameof(S3Fault.SlowDown), nameof(S3Fault.Refused),
        nameof(S3Fault.CutRequest), nameof(S3Fault.CutAnswer), nameof(S3Fault.FlippedBit),
    ];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Every_third_request_may_fail_and_every_call_succeeds(string fault)
    {
        var kind = Enum.Parse<S3Fault>(fault);
        await using var proxy = new FaultyS3(
            _service.Port, request => request.Number % 3 == 1 ? kind : S3Fault.None);
        using var store = await OpenAsync(proxy);

        for (var i = 0; i < 5; i++) await store.PutAsync(Name(i), Bytes(1000 + i, i));
        for (var i = 0; i < 5; i++) await AssertHoldsAsync(store, Name(i), Bytes(1000 + i, i));

        Assert.Null(await store.FindLengthAsync(Name(9)));
        await Assert.ThrowsAsync<ObjectMissingException>(async () => await store.ReadAsync(Name(9), 0, new byte[1]));
        Assert.Equal(5, (await store.ListAsync(ObjectKind.Pack).ToListAsync()).Count);
    }

    /// <summary>A late request could delete an object that was stored again after a second one had an answer.</summary>
    [Theory]
    [InlineData(nameof(S3Fault.LostAnswer), 1)]
    [InlineData(nameof(S3Fault.CutAnswer), 1)]
    [InlineData(nameof(S3Fault.Late), 1)]
    [InlineData(nameof(S3Fault.SlowDown), 2)]
    public async Task A_deletion_is_repeated_only_after_an_answer(string fault, int requests)
    {
        var kind = Enum.Parse<S3Fault>(fault);
        var deletions = 0;
        await using var proxy = new FaultyS3(
            _service.Port,
            request => request.Method == "DELETE" && Interlocked.Increment(ref deletions) == 1 ? kind : S3Fault.None);
        using var store = await OpenAsync(proxy);
        await store.PutAsync(Name(1), Bytes(10, 1));

        var failure = await Record.ExceptionAsync(() => store.DeleteAsync(Name(1)));

        Assert.Equal(requests, deletions);
        Assert.Equal(requests == 1, failure is StoreUnavailableException);
        _ = await store.DeleteAsync(Name(1));
        Assert.Null(await store.FindLengthAsync(Name(1)));
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Every_request_of_a_long_upload_may_fail_once(string fault)
    {
        var kind = Enum.Parse<S3Fault>(fault);
        HashSet<string> seen = [];
        await using var proxy = new FaultyS3(
            _service.Port, request =>
            {
                lock (seen)
                    return seen.Add($"{request.Method} {request.Target}") ? kind : S3Fault.None;
            });
        using var store = await OpenAsync(proxy);
        var content = Bytes(S3Upload.PartBytes + 1000, 1);
        using var stream = new MemoryStream(content);

        await store.PutAsync(Name(1), stream);

        await AssertHoldsAsync(store, Name(1), content);
    }

    [Fact]
    public async Task A_storm_that_does_not_end_makes_the_store_unavailable_at_the_deadline()
    {
        await using var proxy = new FaultyS3(
            _service.Port, request => request.IsPut ? S3Fault.SlowDown : S3Fault.None);
        using var store = await OpenAsync(proxy, TimeSpan.FromSeconds(1));

        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => store.PutAsync(Name(1), Bytes(10, 1)));

        Assert.Contains("SlowDown", failure.OperatorDetail, StringComparison.Ordinal);
        Assert.InRange(proxy.Requests.Count(request => request.IsPut), 3, 40);
        Assert.Null(await store.FindLengthAsync(Name(1)));
    }

    [Fact]
    public async Task A_service_that_is_gone_makes_the_store_unavailable_and_one_that_is_back_is_used_again()
    {
        var isGone = false;
        await using var proxy = new FaultyS3(_service.Port, _ => isGone ? S3Fault.Refused : S3Fault.None);
        using var store = await OpenAsync(proxy, TimeSpan.FromSeconds(1));
        await store.PutAsync(Name(1), Bytes(10, 1));

        isGone = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(async () => await store.ReadAsync(Name(1), 0, new byte[1]));
        isGone = false;

        await AssertHoldsAsync(store, Name(1), Bytes(10, 1));
    }

    [Fact]
    public async Task Bytes_that_are_always_changed_on_their_way_are_never_stored()
    {
        await using var proxy = new FaultyS3(
            _service.Port, request => request.IsPut ? S3Fault.FlippedBit : S3Fault.None);
        using var store = await OpenAsync(proxy, TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.PutAsync(Name(1), Bytes(10_000, 1)));

        Assert.Null(await store.FindLengthAsync(Name(1)));
    }

    [Fact]
    public async Task An_old_list_hides_no_object_from_who_asks_by_name()
    {
        await using var proxy = new FaultyS3(
            _service.Port, request => request.IsList ? S3Fault.OldAnswer : S3Fault.None);
        using var store = await OpenAsync(proxy);
        await store.PutAsync(Name(1), Bytes(10, 1));
        Assert.Equal([Name(1)], await store.ListAsync(ObjectKind.Pack).ToListAsync());

        await store.PutAsync(Name(2), Bytes(10, 2));
        _ = await store.DeleteAsync(Name(1));

        Assert.Equal([Name(1)], await store.ListAsync(ObjectKind.Pack).ToListAsync());
        await AssertHoldsAsync(store, Name(2), Bytes(10, 2));
        Assert.Null(await store.FindLengthAsync(Name(1)));
        Assert.False(await store.DeleteAsync(Name(1)));
    }

    private Task<S3ObjectStore> OpenAsync(FaultyS3 proxy, TimeSpan? deadline = null) =>
        S3ObjectStore.OpenAsync(
            TestBucket.At(proxy.Endpoint, _bucket, deadline: deadline), TimeProvider.System);

    private static async Task AssertHoldsAsync(S3ObjectStore store, ObjectName name, byte[] content)
    {
        Assert.Equal(content.Length, await store.FindLengthAsync(name));
        var read = new byte[content.Length];
        await store.ReadAsync(name, 0, read);
        Assert.Equal(Digest.Of(content), Digest.Of(read));
    }

    private static ObjectName Name(int i) => ObjectName.Pack(Digest.Of(BitConverter.GetBytes(i)));

    private static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
