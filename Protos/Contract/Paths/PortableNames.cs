using System.Buffers;

namespace ChunkOta.Protos;

/// <summary>The rules that let Linux, macOS and Windows all create a name, unchanged.</summary>
internal static class PortableNames
{
    private static readonly SearchValues<char> Refused = SearchValues.Create(":<>\"|?*");

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Devices = new HashSet<string>(
    [
        "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$",
        "COM0", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "COM¹", "COM²", "COM³",
        "LPT0", "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9", "LPT¹", "LPT²", "LPT³",
    ], StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Why a component of a path is not portable; null when it is.</summary>
    /// <param name="component">It keeps the rules of every path.</param>
    public static string? FindProblem(string component)
    {
        if (component.AsSpan().IndexOfAny(Refused) is >= 0 and var at)
            return $"'{component[at]}' cannot stand in a name on Windows";
        if (PathCharacters.FindLocal(component) is { } local)
            return $"it holds {local}";
        if (component[^1] is '.' or ' ')
            return "Windows drops a dot or space at the end of a name";
        if (Devices.Contains(Stem(component)))
            return $"\"{component}\" is a device on Windows";
        if (IsShortName(component))
            return $"\"{component}\" is like the short names that Windows makes for others";
        if (!UnicodeText.IsComposed(component))
            return "it is decomposed (combining marks where a composed character exists): write it in Unicode's NFC";
        return null;
    }

    /// <summary>
    /// The name up to its first dot, without spaces before it: what Windows compares with its devices.
    /// </summary>
    private static ReadOnlySpan<char> Stem(string component)
    {
        var dot = component.IndexOf('.', StringComparison.Ordinal);
        return component.AsSpan(0, dot < 0 ? component.Length : dot).TrimEnd(' ');
    }

    /// <summary>Up to eight characters that end in a tilde and digits, and an extension of up to three.</summary>
    private static bool IsShortName(string component)
    {
        var dot = component.LastIndexOf('.');
        var stem = component.AsSpan(0, dot < 0 ? component.Length : dot);
        var extensionLength = dot < 0 ? 0 : component.Length - dot - 1;
        var tilde = stem.LastIndexOf('~');
        return stem.Length <= 8 && extensionLength <= 3 && tilde > 0 && tilde < stem.Length - 1
            && !stem[(tilde + 1)..].ContainsAnyExceptInRange('0', '9');
    }
}
