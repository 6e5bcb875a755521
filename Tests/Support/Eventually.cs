namespace ChunkOta.Tests.Support;

/// <summary>
/// Waits for another process or a background task; at the limit it fails and names what did not happen.
/// </summary>
internal static class Eventually
{
    /// <summary>Generous, because a busy machine is slow; a test that waits this long has failed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Asks until the answer is accepted, and returns it.</summary>
    /// <param name="what">The expected event, for the failure's message.</param>
    /// <param name="ask">Asks once.</param>
    /// <param name="isAccepted">Tells whether an answer ends the wait.</param>
    public static async Task<T> Async<T>(string what, Func<Task<T>> ask, Func<T, bool> isAccepted)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await ask();
            if (isAccepted(answer)) return answer;
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
                Assert.Fail($"{what} did not happen within {Patience.TotalSeconds} s; the last answer was {answer}");
            await Task.Delay(Pause);
        }
    }

    /// <summary>Waits for a task; at the limit it fails, and tells what came so far.</summary>
    /// <param name="what">The expected event, for the failure's message.</param>
    /// <param name="task">Ends when it has happened.</param>
    /// <param name="soFar">Returns what came so far, such as a log.</param>
    /// <param name="patience">The limit, if it is another one.</param>
    public static async Task Async(string what, Task task, Func<string> soFar, TimeSpan? patience = null)
    {
        var limit = patience ?? Patience;
        try
        {
            await task.WaitAsync(limit);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            Assert.Fail($"{what} did not happen within {limit.TotalSeconds} s; so far:\n{soFar()}");
        }
    }

    /// <summary>Waits for a task and returns its result.</summary>
    public static async Task<T> Async<T>(string what, Task<T> task, Func<string> soFar)
    {
        await Async(what, (Task)task, soFar);
        return await task;
    }

    /// <summary>Waits for a task and returns its result.</summary>
    public static Task<T> Async<T>(string what, ValueTask<T> task, Func<string> soFar) =>
        Async(what, task.AsTask(), soFar);

    /// <summary>Waits until something holds.</summary>
    public static Task Async(string what, Func<bool> holds) =>
        Async(what, () => Task.FromResult(holds()), answer => answer);
}
