using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary>Where a command writes: answers on standard output, progress and errors on standard error.</summary>
/// <param name="In">Standard input.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="IsErrorTerminal">A person looks at the errors: progress moves.</param>
internal sealed record Terminal(TextReader In, TextWriter Out, TextWriter Error, bool IsErrorTerminal)
{
    /// <summary>The process's own.</summary>
    public static Terminal OfProcess() => new(Console.In, Console.Out, Console.Error, !Console.IsErrorRedirected);

    /// <summary>Writes one line of an answer; nothing in it can move the cursor.</summary>
    public void WriteLine(string line) => Out.WriteLine(OneLine.Of(line));

    /// <summary>Writes the one JSON object of <c>--json</c>.</summary>
    public void WriteJson<T>(T value, JsonTypeInfo<T> type) => Out.WriteLine(JsonSerializer.Serialize(value, type));
}
