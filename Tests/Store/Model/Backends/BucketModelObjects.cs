using ChunkOta.Storage;
using ChunkOta.Storage.S3;
using ChunkOta.Tests.Store.S3;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Model.Backends;

/// <summary>Objects in a bucket of a real S3 service; the way to it is bad.</summary>
internal sealed class BucketModelObjects : IModelObjects
{
    /// <summary>On a busy machine a storm lasts longer.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private readonly BadWeather _weather;
    private readonly FaultyS3 _proxy;
    private readonly string _bucket;
    private readonly S3ObjectStore _truth;
    private readonly List<S3ObjectStore> _opened = [];

    private BucketModelObjects(BadWeather weather, FaultyS3 proxy, string bucket, S3ObjectStore truth)
    {
        _weather = weather;
        _proxy = proxy;
        _bucket = bucket;
        _truth = truth;
    }

    public IObjectReader Truth => _truth;

    public static async Task<IModelObjects> MakeAsync(Radosgw service, int seed)
    {
        var bucket = await service.MakeBucketAsync();
        var truth = await S3ObjectStore.OpenAsync(TestBucket.At(service.Endpoint, bucket), TimeProvider.System);
        var weather = new BadWeather(seed);
        return new BucketModelObjects(weather, new FaultyS3(service.Port, weather.FaultOf), bucket, truth);
    }

    public async Task<IPrunableObjectStore> OpenAsync()
    {
        var store = await S3ObjectStore.OpenAsync(
            TestBucket.At(_proxy.Endpoint, _bucket, deadline: Deadline), TimeProvider.System);
        _opened.Add(store);
        return store;
    }

    public Task CalmAsync()
    {
        _weather.Clear();
        return Eventually.Async(
            "the last late request", () => Task.FromResult(_proxy.Serving), serving => serving == 0);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _opened) store.Dispose();
        await _proxy.DisposeAsync();
        _truth.Dispose();
    }
}
