namespace ChunkOta.Tests.Support;

/// <summary>Counts what code allocates.</summary>
internal static class Allocations
{
    private const int Rounds = 5;

    /// <summary>
    /// The bytes that a piece of code allocates on its thread: the least of five rounds, after one to warm up.
    /// </summary>
    /// <remarks>The code allocates the same bytes in each round. What the runtime adds, when it recompiles a method
    /// or collects garbage on a busy machine, affects single rounds only.</remarks>
    public static long Of(Action code)
    {
        code();
        var least = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            code();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    /// <summary>As above, of code whose tasks are complete when it returns.</summary>
    public static long Of(Func<Task> code) => Of(() => Assert.True(code().IsCompletedSuccessfully));
}
