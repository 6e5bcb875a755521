using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ChunkOta.Protos;

namespace ChunkOta.Cli;

/// <summary>The streams of a command: answers on standard output, progress and errors on standard error.</summary>
public sealed record Terminal
{
    /// <summary>Standard input.</summary>
    public required TextReader In { get; init; }

    /// <summary>Standard output.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Standard error.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>A person looks at the output: tables are drawn.</summary>
    public bool IsOutTerminal { get; init; }

    /// <summary>A person looks at the errors: progress moves.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>The process's own.</summary>
    public static Terminal OfProcess() => new()
    {
        In = Console.In,
        Out = Console.Out,
        Error = Console.Error,
        IsOutTerminal = !Console.IsOutputRedirected,
        IsErrorTerminal = !Console.IsErrorRedirected,
    };

    /// <summary>Writes one line of an answer; nothing in it can move the cursor.</summary>
    public void WriteLine(string line) => Out.WriteLine(OneLine.Of(line));

    /// <summary>Writes the one JSON object of <c>--json</c>.</summary>
    public void WriteJson<T>(T value, JsonTypeInfo<T> type) => Out.WriteLine(JsonSerializer.Serialize(value, type));
}
