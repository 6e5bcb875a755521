using ChunkOta.Admin;
using ChunkOta.Cli;

namespace ChunkOta.Tests.Admin.Output;

public sealed class OutputTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(1000, "1.0 kB")]
    [InlineData(999_949, "999.9 kB")]
    [InlineData(999_950, "1.0 MB")]
    [InlineData(109_700_000, "109.7 MB")]
    [InlineData(long.MaxValue, "9.2 EB")]
    public void Bytes_are_written_in_decimal_units(long bytes, string text)
    {
        Assert.Equal(text, Printable.Bytes(bytes));
    }

    [Theory]
    [InlineData(0, "never")]
    [InlineData(1_767_225_600, "2026-01-01 00:00Z")]
    [InlineData(long.MaxValue, "9999-12-31 23:59Z")]
    public void A_moment_is_written_in_UTC(long unixSeconds, string text)
    {
        Assert.Equal(text, Printable.Time(unixSeconds));
    }

    [Fact]
    public void A_table_is_plain_aligned_text_where_no_person_looks()
    {
        var output = new StringWriter();
        var table = new TextTable("name", "count");
        table.Add("a much longer name than any terminal is wide " + new string('x', 100), "1");
        table.Add("b", "22");

        table.WriteTo(new Terminal { In = TextReader.Null, Out = output, Error = TextWriter.Null });

        var lines = output.ToString().Split('\n');
        Assert.Equal(
            lines[0].IndexOf("count", StringComparison.Ordinal), lines[2].IndexOf("22", StringComparison.Ordinal));
        Assert.EndsWith("xxx  1", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_server_says_cannot_move_the_cursor()
    {
        var output = new StringWriter();
        var table = new TextTable("name");
        table.Add("evil\u001b[2J\r\nline");

        table.WriteTo(new Terminal { In = TextReader.Null, Out = output, Error = TextWriter.Null });

        Assert.DoesNotContain('\u001b', output.ToString());
        Assert.Equal(2, output.ToString().TrimEnd('\n').Split('\n').Length);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(60)]
    [InlineData(40)]
    public void A_table_fits_the_terminal_and_breaks_no_word(int width)
    {
        string[] words = ["myapp", "1.4.0-rc.1", "linux-x64", "2026-11-28", "22:28Z", "109.7", "MB", "stable", "beta"];
        var table = new TextTable("release", "platform", "published", "logical", "channels");
        table.Add("myapp 1.4.0-rc.1", "linux-x64", "2026-11-28 22:28Z", "109.7 MB", "stable beta");

        var lines = table.Lines(width).ToList();

        Assert.All(lines, line => Assert.True(line.Length <= width, line));
        var shown = lines.SelectMany(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToHashSet();
        Assert.Subset(shown, words.ToHashSet());
    }

    [Fact]
    public void A_table_whose_words_are_too_wide_is_shown_row_by_row()
    {
        var digest = new string('a', 64);
        var table = new TextTable("product", "root");
        table.Add("app", digest);

        Assert.Equal(["product  app", $"root     {digest}"], table.Lines(70));
    }

    [Fact]
    public void A_wrapped_cell_goes_on_in_its_own_column()
    {
        var table = new TextTable("what", "why");
        table.Add("one", "a long reason with words");

        Assert.Equal(["what  why", "one   a long", "      reason", "      with", "      words"], table.Lines(13));
    }

    [Theory]
    [InlineData(0, 2_000_000, 5.0, "sending 0 % of 2.0 MB")]
    [InlineData(500_000, 2_000_000, 0.5, "sending 25 % of 2.0 MB")]
    [InlineData(500_000, 2_000_000, 2.0, "sending 25 % of 2.0 MB, 250.0 kB/s, 6 s left")]
    [InlineData(0, 0, 3.0, "sending")]
    public void Progress_says_rate_and_time_left(long done, long total, double seconds, string expected) =>
        Assert.Equal(expected, MovingProgress.Text("sending", done, total, TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(59, "59 s")]
    [InlineData(80, "1 min 20 s")]
    [InlineData(3_700, "1 h 1 min")]
    [InlineData(90_000, "1 d 1 h")]
    public void A_span_is_written_in_its_two_largest_units(int seconds, string expected) =>
        Assert.Equal(expected, Printable.Span(TimeSpan.FromSeconds(seconds)));
}
