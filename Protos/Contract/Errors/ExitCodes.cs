namespace ChunkOta.Protos;

/// <summary>The exit codes of the commands: stable numbers, one for each kind of failure.</summary>
public static class ExitCodes
{
    /// <summary>It did what was asked, or found it done.</summary>
    public const int Success = 0;

    /// <summary>A defect of this product.</summary>
    public const int Internal = 1;

    /// <summary>A wrong command line, setting, name or input tree.</summary>
    public const int Usage = 2;

    /// <summary>The pointer or trust root has expired: what is installed runs on.</summary>
    public const int Expired = 3;

    /// <summary>Refused because it cannot be trusted; nothing was changed.</summary>
    public const int Refused = 4;

    /// <summary>Not authorised, or the connection is not one to trust.</summary>
    public const int NotAllowed = 5;

    /// <summary>The thing that was named does not exist.</summary>
    public const int Unknown = 6;

    /// <summary>It conflicts with what is there already, or with another run.</summary>
    public const int Conflict = 7;

    /// <summary>The server or the network failed; another try may succeed.</summary>
    public const int Server = 8;

    /// <summary>This machine failed: its disk is full or broken, or a library is missing.</summary>
    public const int Local = 9;

    /// <summary>The installed files are not as they were installed.</summary>
    public const int NotAsInstalled = 10;

    /// <summary>It would go over a limit that the caller set; nothing was changed.</summary>
    public const int OverLimit = 11;

    /// <summary>A new release did not work here: the release before it is current again.</summary>
    public const int Unhealthy = 12;

    /// <summary>Stopped by a signal.</summary>
    public const int Interrupted = 130;

    /// <summary>All of them, the worst first: what needs a person before what another try may mend.</summary>
    private static readonly int[] WorstFirst =
    [
        Interrupted, Refused, Internal, Unhealthy, Local, NotAsInstalled, NotAllowed, Expired, Unknown, Conflict, Usage,
        OverLimit, Server, Success,
    ];

    /// <summary>The exit code of several failures: that of the worst; <see cref="Success"/> of none.</summary>
    /// <param name="exitCodes">One for each failure.</param>
    public static int Worst(IEnumerable<int> exitCodes)
    {
        ArgumentNullException.ThrowIfNull(exitCodes);
        return exitCodes.Append(Success).MinBy(code => Array.IndexOf(WorstFirst, code));
    }

    /// <summary>The exit code of a failure.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>; any other gives <see cref="Internal"/>.</param>
    public static int Of(string code) => ErrorMeaning.Of(code).ExitCode;
}
