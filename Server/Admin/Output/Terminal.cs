using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>Where a command writes: answers on standard output, progress and errors on standard error.</summary>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="IsOutTerminal">A person looks at the output: tables are drawn.</param>
/// <param name="IsErrorTerminal">A person looks at the errors: progress moves.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool IsOutTerminal, bool IsErrorTerminal)
{
    /// <summary>The process's own.</summary>
    public static Terminal OfProcess() =>
        new(Console.Out, Console.Error, !Console.IsOutputRedirected, !Console.IsErrorRedirected);

    public void WriteLine(string line) => Out.WriteLine(OneLine.Of(line));

    /// <summary>Writes the one JSON object of <c>--json</c>.</summary>
    public void WriteJson<T>(T value, JsonTypeInfo<T> type) => Out.WriteLine(JsonSerializer.Serialize(value, type));
}
