using System.Globalization;

namespace ChunkOta.Cli;

/// <summary>The amount of diagnostics on standard error.</summary>
internal enum DetailLevel
{
    /// <summary>Failures only.</summary>
    Error,

    /// <summary>Failures, notes and progress.</summary>
    Info,

    /// <summary>Also each call to a server.</summary>
    Debug,
}

/// <summary>The diagnostics of a command on standard error, beside failures.</summary>
public sealed class Diagnostics
{
    private readonly TextWriter _error;
    private readonly DetailLevel _level;

    /// <param name="error">Standard error.</param>
    /// <param name="level">How much.</param>
    internal Diagnostics(TextWriter error, DetailLevel level) =>
        (_error, _level) = (error, level);

    /// <summary>Progress and notes are wanted.</summary>
    public bool SaysProgress => _level >= DetailLevel.Info;

    /// <summary>Each call is wanted.</summary>
    public bool SaysCalls => _level >= DetailLevel.Debug;

    /// <summary>Writes one line about a call.</summary>
    /// <param name="address">The server.</param>
    /// <param name="method">Such as <c>chunkota.v1.Releases/ListReleases</c>.</param>
    /// <param name="outcome"><c>OK</c>, or the code of its failure.</param>
    /// <param name="time">From the call to its end.</param>
    public void Call(string address, string method, string outcome, TimeSpan time) => _error.WriteLine(
        string.Create(CultureInfo.InvariantCulture,
            $"debug: {address} {method}: {outcome} in {time.TotalMilliseconds:0.0} ms"));
}
