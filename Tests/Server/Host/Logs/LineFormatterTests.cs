using ChunkOta.Server;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace ChunkOta.Tests.Server.Logs;

public sealed class LineFormatterTests
{
    [Theory]
    [InlineData("a\nb", @"a\nb")]
    [InlineData("a\r\nb", @"a\r\nb")]
    [InlineData("\u001b[31mred", @"\u001b[31mred")]
    [InlineData("right\u202eleft", @"right\u202eleft")]
    [InlineData("line\u2028sep", @"line\u2028sep")]
    [InlineData("zero\u200bwidth", @"zero\u200bwidth")]
    [InlineData("Zürich 東京", "Zürich 東京")]
    public void Nothing_can_forge_a_line(string text, string expected)
    {
        var line = Format(text, exception: null);

        Assert.EndsWith($" warn 4242 Some.Category: {expected}\n", line, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_stays_on_its_line()
    {
        var line = Format("it failed", new InvalidOperationException("two\nlines"));

        Assert.Contains(@"it failed | System.InvalidOperationException: two\nlines", line, StringComparison.Ordinal);
        Assert.Equal(1, line.Count(c => c == '\n'));
    }

    private static string Format(string text, Exception? exception)
    {
        using var writer = new StringWriter();
        var entry = new LogEntry<string>(
            LogLevel.Warning, "Some.Category", new EventId(4242), text, exception, (state, _) => state);
        new LineFormatter(TimeProvider.System).Write(entry, null, writer);
        return writer.ToString();
    }
}
