using ChunkOta.Storage.S3;
using ChunkOta.Tests.Support;

[assembly: AssemblyFixture(typeof(RadosgwFixture))]
// Two cores are idle beside two tests that wait for a database, a bucket or a process.
[assembly: Xunit.v3.Parallelization(MaxThreads = 4)]

namespace ChunkOta.Tests.Store.S3;

/// <summary>A bucket of the test run's service, or the same one through a faulty proxy.</summary>
internal static class TestBucket
{
    /// <summary>A bucket with a prefix of its own.</summary>
    /// <param name="endpoint">The service or the proxy.</param>
    /// <param name="name">The bucket.</param>
    /// <param name="prefix">What keys begin with.</param>
    /// <param name="deadline">Of each call.</param>
    public static S3Bucket At(Uri endpoint, string name, string prefix = "", TimeSpan? deadline = null) => new()
    {
        Endpoint = endpoint,
        Name = name,
        Prefix = prefix,
        Region = "us-east-1",
        Credentials = new S3Credentials(Radosgw.AccessKey, Radosgw.SecretKey, null),
        Deadline = deadline ?? TimeSpan.FromSeconds(30),
    };
}
