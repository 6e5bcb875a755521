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

    /// <summary>The reason why not everything could be written to standard output; null if everything could. A write
    /// itself never fails: what a program did must not depend on who reads about it.</summary>
    public string? OutFailure => (Out as StandardStream)?.Failure;

    /// <summary>A person looks at the output: tables fit the width.</summary>
    public bool IsOutTerminal { get; init; }

    /// <summary>The columns of the terminal.</summary>
    public int Width { get; init; } = TerminalWidth.Default;

    /// <summary>A person looks at the errors: progress moves.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>Asks whoever sits at the terminal for a secret, which is not shown; null when nobody does.</summary>
    public Func<string, string>? AskSecret { get; init; }

    /// <summary>The process's own.</summary>
    /// <remarks>Called first of all, before another file can get the descriptor of a closed stream.</remarks>
    public static Terminal OfProcess()
    {
        var (output, error) = StandardStream.Open();
        return new()
        {
            In = Console.In,
            Out = output,
            Error = error,
            IsOutTerminal = !Console.IsOutputRedirected,
            IsErrorTerminal = !Console.IsErrorRedirected,
            AskSecret = Console.IsInputRedirected ? null : SecretPrompt.Ask,
            Width = TerminalWidth.OfProcess(),
        };
    }

    /// <summary>Writes one line of an answer; nothing in it can move the cursor.</summary>
    public void WriteLine(string line) => Out.WriteLine(OneLine.Of(line));

    /// <summary>Writes a failure: one line, and its hint.</summary>
    public void WriteFailure(ChunkOtaException failure) => WriteFailure(Error, failure);

    /// <summary>Writes the one JSON object of <c>--json</c>.</summary>
    public void WriteJson<T>(T value, JsonTypeInfo<T> type) => Out.WriteLine(JsonSerializer.Serialize(value, type));

    internal static void WriteFailure(TextWriter error, ChunkOtaException failure)
    {
        error.WriteLine($"error {failure.Code}: {OneLine.Of(failure.Message)}");
        if ((failure.Hint ?? ErrorMeaning.Of(failure.Code).Hint) is { } hint)
            error.WriteLine($"hint: {hint}");
    }
}
