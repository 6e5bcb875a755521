using System.Globalization;
using System.Runtime.InteropServices;

namespace ChunkOta.Durable;

/// <summary>The pages of this program's own file that are mapped into the process.</summary>
public static partial class ProgramPages
{
    private const int DoNotNeed = 4;

    /// <summary>Unmaps the pages with code and constants: the system maps those that are used again from its cache, or
    /// reads them from the file.</summary>
    /// <remarks>For a process that rests for long. Only mappings up to the code are dropped, which the program never
    /// writes to: those after it hold what was changed while it was loaded.</remarks>
    public static void Release()
    {
        if (Environment.ProcessPath is not { } program)
            return;
        List<(nint Start, nint End)> before = [];
        foreach (var line in File.ReadLines("/proc/self/maps"))
        {
            if (!line.EndsWith(program, StringComparison.Ordinal) || line.Split(' ') is not [var span, var access, ..]
                || span.Split('-') is not [var start, var end])
                continue;
            if (access is not ("r--p" or "r-xp"))
                return;
            before.Add((Parse(start), Parse(end)));
            if (access == "r-xp")
                break;
        }
        foreach (var (start, end) in before)
            _ = Advise(start, end - start, DoNotNeed);
    }

    private static nint Parse(string address) =>
        nint.Parse(address, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nint bytes, int advice);
}
