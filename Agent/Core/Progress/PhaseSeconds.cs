namespace ChunkOta.Agent;

/// <summary>The duration of each phase of a run, seconds.</summary>
public sealed record PhaseSeconds
{
    /// <summary>Asking the server and verifying its answer.</summary>
    public double Check { get; init; }

    /// <summary>Looking at what is on disk.</summary>
    public double Plan { get; init; }

    /// <summary>Copying and fetching.</summary>
    public double Fetch { get; init; }

    /// <summary>Hashing finished files.</summary>
    public double Verify { get; init; }

    /// <summary>Making the release durable, and the switch.</summary>
    public double Activate { get; init; }

    /// <summary>The whole run.</summary>
    public double Total { get; init; }
}
