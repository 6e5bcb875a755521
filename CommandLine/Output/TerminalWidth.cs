namespace ChunkOta.Cli;

/// <summary>The columns of the terminal that standard output goes to.</summary>
internal static class TerminalWidth
{
    /// <summary>The width for pipes and files, and for a terminal that does not tell.</summary>
    public const int Default = 80;

    private const int Narrowest = 40;
    private const int WidestHelp = 100;

    /// <summary>The terminal's, but not so narrow that nothing fits.</summary>
    public static int OfProcess()
    {
        if (Console.IsOutputRedirected) return Default;
        try
        {
            return Console.WindowWidth is > 0 and var width ? Math.Max(width, Narrowest) : Default;
        }
        catch (IOException)
        {
            return Default;
        }
    }

    /// <summary>The width of help: long lines are hard to read.</summary>
    public static int ForHelp() => Math.Min(OfProcess(), WidestHelp);
}
