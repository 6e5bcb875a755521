using System.Globalization;

namespace ChunkOta.Server;

/// <summary>The server's time of day, which a test moves by a file; in normal runs it is the system's.</summary>
/// <remarks>Only the time of day moves: timers and measured times do not.</remarks>
internal sealed class ServerClock : TimeProvider
{
    /// <summary>
    /// The environment variable with the path of a file: seconds to add, none while there is no file.
    /// </summary>
    public const string Variable = "CHUNKOTA_CLOCK";

    private readonly string _file;

    private ServerClock(string file) => _file = file;

    /// <summary>The clock that the environment asks for.</summary>
    public static TimeProvider OfEnvironment() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } file ? new ServerClock(file) : System;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddSeconds(
        File.Exists(_file) ? double.Parse(File.ReadAllText(_file), CultureInfo.InvariantCulture) : 0);
}
