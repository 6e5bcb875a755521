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

    [Fact]
    public void A_table_is_drawn_where_a_person_looks()
    {
        var output = new StringWriter();
        var table = new TextTable("name", "count");
        table.Add("[not] markup", "1");

        table.WriteTo(
            new Terminal { In = TextReader.Null, Out = output, Error = TextWriter.Null, IsOutTerminal = true });

        Assert.Contains("[not] markup", output.ToString(), StringComparison.Ordinal);
        Assert.Contains('│', output.ToString());
    }
}
