namespace ChunkOta.Tests.Support;

/// <summary>The S3 service of a test assembly: started by the first test that needs it, and shared by all.</summary>
public sealed class RadosgwFixture : IAsyncDisposable
{
    private readonly Lazy<Task<Radosgw>> _service = new(Radosgw.StartAsync);

    /// <summary>The running service. A test without the programs is skipped, and says which are missing.</summary>
    internal Task<Radosgw> ServiceAsync()
    {
        if (FactIfInstalledAttribute.ReasonToSkip(Radosgw.PackagePrograms) is { } reason) Assert.Skip(reason);
        return _service.Value;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_service.IsValueCreated) return;
        try
        {
            await (await _service.Value).DisposeAsync();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A service that did not start has ended what it had started, and has failed its tests.
            return;
        }
    }
}
