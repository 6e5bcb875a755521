using System.Text;

namespace ChunkOta.Protos;

/// <summary>The paths of a release that the application may change, add or remove: they are never counted as
/// damage.</summary>
/// <remarks>The patterns are those of gitignore, each from the root of the release; the last one that matches decides.
/// What is in a directory that matches is mutable as well.</remarks>
public sealed class MutablePaths
{
    /// <summary>The most patterns of a release.</summary>
    public const int MaxPatterns = 64;

    private readonly PathPattern[] _patterns;

    private MutablePaths(PathPattern[] patterns) => _patterns = patterns;

    /// <summary>Reads the patterns of a manifest.</summary>
    /// <param name="manifest">The manifest; its entries are not looked at.</param>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: a pattern is too long.</exception>
    public static MutablePaths Of(Manifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return new MutablePaths([.. manifest.Mutable.Select(PathPattern.Parse)]);
    }

    /// <summary>Tells whether a path is mutable.</summary>
    /// <param name="path">The path in the release.</param>
    /// <param name="isDirectory">True for a directory.</param>
    public bool Matches(string path, bool isDirectory)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (_patterns.Length == 0)
            return false;
        var bytes = Encoding.UTF8.GetBytes(path);
        for (var end = 1; end <= bytes.Length; end++)
        {
            if (end < bytes.Length && bytes[end] != '/')
                continue;
            if (IsMatched(bytes.AsSpan(0, end), end < bytes.Length || isDirectory))
                return true;
        }
        return false;
    }

    private bool IsMatched(ReadOnlySpan<byte> path, bool isDirectory)
    {
        for (var i = _patterns.Length - 1; i >= 0; i--)
        {
            if (_patterns[i].Matches(path, isDirectory))
                return !_patterns[i].IsNegated;
        }
        return false;
    }
}
