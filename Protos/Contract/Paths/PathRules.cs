using System.Text;

namespace ChunkOta.Protos;

/// <summary>The rules for the text of a path or link target, whatever else is in the release.</summary>
internal static class PathRules
{
    public const int MaxPathBytes = 1024;
    public const int MaxComponentBytes = 255;
    public const int MaxDepth = 64;
    public const int MaxTargetBytes = 4095;
    public const string ReservedPrefix = ".chunkota";

    /// <summary>The first rule that a path breaks, as code and reason; null when it keeps all.</summary>
    public static (string Code, string Why)? FindProblem(string path)
    {
        if (path.Length == 0)
            return (ErrorCodes.PathEmpty, "it is empty");
        if (path[0] == '/')
            return (ErrorCodes.PathAbsolute, "it is absolute");
        if (PathCharacters.FindRefused(path) is { } character)
            return (ErrorCodes.PathChars, $"it holds {character}");
        if (Encoding.UTF8.GetByteCount(path) > MaxPathBytes)
            return (ErrorCodes.PathLong, $"it has more than {MaxPathBytes} bytes");
        var depth = 0;
        foreach (var part in path.AsSpan().Split('/'))
        {
            if (FindProblemOfComponent(path.AsSpan()[part]) is { } problem)
                return problem;
            if (++depth > MaxDepth)
                return (ErrorCodes.PathLong, $"it has more than {MaxDepth} components");
        }
        return null;
    }

    /// <summary>The first rule that a link target breaks by itself; null when it keeps all.</summary>
    /// <param name="target">Verbatim.</param>
    /// <param name="isPortable">Whether every operating system must be able to hold it.</param>
    /// <param name="isExternalAllowed">Whether it may be absolute.</param>
    public static (string Code, string Why)? FindProblemOfTarget(
        string target, bool isPortable, bool isExternalAllowed)
    {
        if (target.Length == 0)
            return (ErrorCodes.PathEmpty, "its target is empty");
        if (PathCharacters.FindRefused(target) is { } character)
            return (ErrorCodes.PathChars, $"its target holds {character}");
        if (isPortable && PathCharacters.FindLocal(target) is { } local)
            return (ErrorCodes.PathNotPortable, $"its target holds {local}");
        if (Encoding.UTF8.GetByteCount(target) > MaxTargetBytes)
            return (ErrorCodes.PathLong, $"its target has more than {MaxTargetBytes} bytes");
        if (!isExternalAllowed && (target[0] == '/' || (isPortable && HasDrive(target))))
            return (ErrorCodes.LinkAbsolute, $"it points to \"{OneLine.Of(target)}\", which is absolute");
        return null;
    }

    /// <summary>Absolute on Windows.</summary>
    private static bool HasDrive(string path) =>
        path.Length > 2 && char.IsAsciiLetter(path[0]) && path[1] == ':' && path[2] == '/';

    private static (string Code, string Why)? FindProblemOfComponent(ReadOnlySpan<char> component)
    {
        if (component.IsEmpty)
            return (ErrorCodes.PathEmpty, "it has an empty component or ends in '/'");
        if (component is "." or "..")
            return (ErrorCodes.PathDotdot, $"it has a component \"{component}\"");
        if (Encoding.UTF8.GetByteCount(component) > MaxComponentBytes)
            return (ErrorCodes.PathLong, $"a component has more than {MaxComponentBytes} bytes");
        if (component.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase))
            return (ErrorCodes.PathReserved, $"names that begin with \"{ReservedPrefix}\" are reserved");
        return null;
    }
}
