using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace ChunkOta.Tests.Support;

/// <summary>A program of ours that ran to its end as a process of its own.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record ProgramRun(int ExitCode, string Out, string Error)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Standard output of a run with --json.</summary>
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Out);

    /// <summary>
    /// The stable code of a failed run: from the one line on standard error, or the one object of --json.
    /// </summary>
    public string Code
    {
        get
        {
            if (Out.Length > 0) return Json.GetProperty("error").GetProperty("code").GetString()!;
            var line = Assert.Single(Error.Split('\n'), line => line.StartsWith("error ", StringComparison.Ordinal));
            return line["error ".Length..line.IndexOf(':', StringComparison.Ordinal)];
        }
    }

    /// <summary>Fails the test, with what the program said, unless it exited 0.</summary>
    public ProgramRun Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}\n{Out}\n{Error}");
        return this;
    }

    /// <summary>
    /// Fails the test unless the program refused with this code and exit code, in one line and without a stack.
    /// </summary>
    public void Refused(string code, int exitCode)
    {
        Assert.True(ExitCode == exitCode
            && Code == code, $"expected {code}, exit code {exitCode}; got exit code {ExitCode}\n{Out}\n{Error}");
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.Single((Out + Error).Split('\n'), line => line.Contains(code, StringComparison.Ordinal));
    }

    /// <summary>Runs a program to its end with an empty standard input.</summary>
    /// <param name="environment">Added to the environment of the tests; a null value removes a variable.</param>
    /// <param name="file">The program.</param>
    /// <param name="arguments">As the program receives them, without a shell.</param>
    public static async Task<ProgramRun> RunAsync(
        IReadOnlyDictionary<string, string?> environment, string file, params IEnumerable<string> arguments)
    {
        using var process = Start(environment, file, arguments);
        return await FinishAsync(process);
    }

    /// <summary>Runs a command with more arguments to its end.</summary>
    public static async Task<ProgramRun> RunAsync(
        IReadOnlyDictionary<string, string?> environment, IReadOnlyList<string> command,
        params IEnumerable<string> arguments)
    {
        using var process = Start(environment, command, arguments);
        return await FinishAsync(process);
    }

    /// <summary>Starts a command; <see cref="FinishAsync"/> waits for its end.</summary>
    public static OwnedProcess Start(
        IReadOnlyDictionary<string, string?> environment, IReadOnlyList<string> command,
        params IEnumerable<string> arguments) =>
        Start(environment, command[0], [.. command.Skip(1), .. arguments]);

    /// <summary>Starts a program; <see cref="FinishAsync"/> waits for its end.</summary>
    public static OwnedProcess Start(
        IReadOnlyDictionary<string, string?> environment, string file, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file);
        foreach (var (name, value) in environment)
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return OwnedProcess.Begin(start);
    }

    /// <summary>Waits for a started program's end and returns its output. A program that does not end in time is
    /// killed and fails the test, which shows its output so far.</summary>
    /// <param name="process">The program.</param>
    /// <param name="patience">The limit; less than the ten minutes after which <c>test.sh</c> ends what hangs.</param>
    public static async Task<ProgramRun> FinishAsync(OwnedProcess process, TimeSpan? patience = null)
    {
        var (output, error) = (new StringBuilder(), new StringBuilder());
        try
        {
            await Eventually.Async(
                $"the end of {process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)}",
                Task.WhenAll(
                    CollectAsync(process.StandardOutput, output), CollectAsync(process.StandardError, error),
                    process.WaitForExitAsync()),
                () => $"{TextOf(output)}\n{TextOf(error)}", patience ?? Patience);
        }
        finally
        {
            process.End();
        }
        return new ProgramRun(process.ExitCode, TextOf(output), TextOf(error));
    }

    private static async Task CollectAsync(StreamReader reader, StringBuilder text)
    {
        var buffer = new char[4096];
        for (int length; (length = await reader.ReadAsync(buffer)) > 0;)
        {
            lock (text)
                text.Append(buffer, 0, length);
        }
    }

    private static string TextOf(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }
}
