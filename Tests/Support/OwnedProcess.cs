using System.ComponentModel;
using System.Diagnostics;

namespace ChunkOta.Tests.Support;

/// <summary>A process that is killed with its children when it is disposed of, so a test that fails leaves none.
/// </summary>
internal sealed class OwnedProcess : Process
{
    /// <summary>Off, a .NET process takes a fifth less processor time to start, and the tests start hundreds: 1.34 s
    /// instead of 1.55 s for a server. It guards against attackers, not against faults.</summary>
    private const string WritableCodeGuard = "DOTNET_EnableWriteXorExecute";

    private bool _isStarted;

    /// <summary>Starts a process with an empty standard input; its output is to be read.</summary>
    public static OwnedProcess Begin(ProcessStartInfo start)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        start.Environment.TryAdd(WritableCodeGuard, "0");
        var process = new OwnedProcess { StartInfo = start };
        process._isStarted = process.Start();
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Sends a signal, such as <c>TERM</c>; a process that has ended already gets none.</summary>
    public async Task SignalAsync(string signal) =>
        await ProgramRun.RunAsync(new Dictionary<string, string?>(), "kill", $"-{signal}", $"{Id}");

    /// <summary>Waits for a line on standard error, and returns it.</summary>
    public async Task<string> NextLineAsync(Predicate<string> isWanted)
    {
        var seen = new List<string>();
        while (await Eventually.Async("the line", StandardError.ReadLineAsync(), () => string.Join('\n', seen))
            is { } line)
        {
            if (isWanted(line))
                return line;
            seen.Add(line);
        }

        throw new InvalidOperationException($"the program ended and said only: {string.Join('\n', seen)}");
    }

    /// <summary>Kills the process and its children, if it runs.</summary>
    public void End()
    {
        try
        {
            if (_isStarted && !HasExited)
                Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has just ended.
            return;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            End();
        _isStarted = false;
        base.Dispose(disposing);
    }
}
