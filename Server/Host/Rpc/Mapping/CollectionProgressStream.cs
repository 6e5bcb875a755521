using System.Runtime.CompilerServices;
using System.Threading.Channels;
using ChunkOta.Protos.V1;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>The progress of a collection as a stream of messages.</summary>
internal static class CollectionProgressStream
{
    /// <summary>Messages that a slow caller may be behind; beyond it steps are left out.</summary>
    private const int MaxBehind = 16;

    /// <summary>Runs a collection and yields its progress; the last message has all figures.</summary>
    /// <param name="collect">Runs the collection.</param>
    public static async IAsyncEnumerable<CollectResponse> RunAsync(
        Func<IProgress<CollectionProgress>, CancellationToken, Task<CollectionFigures>> collect,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var steps = System.Threading.Channels.Channel.CreateBounded<CollectionProgress>(
            new BoundedChannelOptions(MaxBehind) { FullMode = BoundedChannelFullMode.DropOldest });
        var running = RunAsync(collect, steps.Writer, cancellationToken);
        await foreach (var step in steps.Reader.ReadAllAsync(cancellationToken)) yield return step.ToMessage();
        yield return new CollectionProgress(CollectionPhase.Deleting, await running).ToMessage();
    }

    private static async Task<CollectionFigures> RunAsync(
        Func<IProgress<CollectionProgress>, CancellationToken, Task<CollectionFigures>> collect,
        ChannelWriter<CollectionProgress> steps, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(() => collect(new Steps(steps), cancellationToken), cancellationToken);
        }
        finally
        {
            steps.Complete();
        }
    }

    /// <summary>Passes steps on without waiting.</summary>
    private sealed class Steps(ChannelWriter<CollectionProgress> steps) : IProgress<CollectionProgress>
    {
        public void Report(CollectionProgress value) => steps.TryWrite(value);
    }
}
