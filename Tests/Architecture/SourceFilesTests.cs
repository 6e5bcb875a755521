using System.Text.RegularExpressions;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Architecture;

/// <summary>What every source file keeps to.</summary>
public sealed partial class SourceFilesTests
{
    private const int MaxLines = 500;

    private static readonly string[] Folders =
        ["Chunker", "Protos", "Store", "Server", "CommandLine", "Agent", "Tests", "perf"];

    [Fact]
    public void No_source_file_exceeds_500_lines()
    {
        var long_ = Repository.Sources(Folders)
            .Select(path => (path, lines: File.ReadLines(Repository.PathOf(path)).Count()))
            .Where(file => file.lines > MaxLines);

        Assert.Empty(long_);
    }

    [Fact]
    public void Log_event_ids_are_unique_and_in_their_projects_block()
    {
        var ids = (from path in Repository.Sources("Chunker", "Protos", "Store", "Server", "CommandLine", "Agent")
                   from Match match in LogEventId().Matches(File.ReadAllText(Repository.PathOf(path)))
                   select (path, id: int.Parse(match.Groups[1].Value))).ToArray();

        Assert.NotEmpty(ids);
        Assert.Empty(ids.GroupBy(use => use.id).Where(uses => uses.Count() > 1).Select(
            uses => $"{uses.Key}: {string.Join(", ", uses)}"));
        Assert.All(ids, use => Assert.Equal(BlockOf(use.path), use.id / 1000));
    }

    [Fact]
    public void Every_logger_message_has_an_id()
    {
        var without = from path in Repository.Sources("Chunker", "Protos", "Store", "Server", "CommandLine", "Agent")
                      let text = File.ReadAllText(Repository.PathOf(path))
                      where LoggerMessage().Count(text) != LogEventId().Count(text)
                      select path;

        Assert.Empty(without);
    }

    private static int BlockOf(string path) => path.Split('/')[0] switch
    {
        "Chunker" => 1,
        "Protos" => 2,
        "Store" => 3,
        "Server" => 4,
        _ => 5,
    };

    [GeneratedRegex(@"\[LoggerMessage\((?:EventId\s*=\s*)?(\d+)")]
    private static partial Regex LogEventId();

    [GeneratedRegex(@"\[LoggerMessage\(")]
    private static partial Regex LoggerMessage();
}
