using ChunkOta.Cli;
using ChunkOta.Storage;
using ChunkOta.Storage.Sql;

namespace ChunkOta.Server;

/// <summary>Lines about a long command, one at most every few seconds. Any thread may report.</summary>
/// <param name="error">Gets the lines.</param>
/// <param name="clock">The time.</param>
/// <param name="describe">The line about objects.</param>
internal sealed class ProgressLines(TextWriter error, TimeProvider clock, Func<ObjectFigures, string> describe)
    : IProgress<ObjectFigures>, IProgress<TableFigures>
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private long _last = clock.GetTimestamp();

    public void Report(ObjectFigures value) => Write(() => describe(value));

    public void Report(TableFigures value) =>
        Write(() => $"catalogue: {Printable.Count(value.Rows, "row")} of {value.Table}");

    private void Write(Func<string> line)
    {
        lock (_gate)
        {
            if (clock.GetElapsedTime(_last) < BetweenLines) return;
            _last = clock.GetTimestamp();
            error.WriteLine(line());
        }
    }
}
