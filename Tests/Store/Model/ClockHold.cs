using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Model;

/// <summary>Lets the clock stand while a collection deletes objects: it relies on that a deletion takes less real time
/// than half its lease, and a clock that jumps knows nothing of it.</summary>
internal sealed class ClockHold(StoreModel model) : IProgress<CollectionProgress>, IDisposable
{
    private bool _holds;

    public void Report(CollectionProgress value)
    {
        if (_holds || value.Phase != CollectionPhase.Deleting) return;
        _holds = true;
        model.HoldClock(1);
    }

    public void Dispose()
    {
        if (_holds) model.HoldClock(-1);
    }
}
