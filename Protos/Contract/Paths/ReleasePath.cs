using System.Diagnostics.CodeAnalysis;

namespace ChunkOta.Protos;

/// <summary>The path of an entry of a release: relative, '/' between components, never outside the tree.</summary>
/// <remarks>
/// At most 1,024 bytes of UTF-8 and 64 components of at most 255 bytes; docs/format.md, "Paths", has all rules.
/// Ordered as the UTF-8 bytes are. The default value is not a path: its text is empty.
/// </remarks>
public readonly record struct ReleasePath : IComparable<ReleasePath>
{
    private const int ShownAtEachEnd = 100;

    private readonly string? _text;

    private ReleasePath(string text) => _text = text;

    /// <summary>The last component.</summary>
    public string Name => ToString()[(ToString().LastIndexOf('/') + 1)..];

    /// <summary>Reads a path.</summary>
    /// <param name="text">As a manifest has it, or as a scan of a tree found it.</param>
    /// <exception cref="ManifestInvalidException">PATH_… as the rule that it breaks.</exception>
    public static ReleasePath Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return PathRules.FindProblem(text) is var (code, why) ? throw Refused(code, text, why) : new ReleasePath(text);
    }

    /// <summary>Reads a path, if the text is one.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="path">The path, or the default value.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out ReleasePath path)
    {
        var isPath = text is not null && PathRules.FindProblem(text) is null;
        path = isPath ? new ReleasePath(text!) : default;
        return isPath;
    }

    /// <summary>Orders two texts as their UTF-8 bytes are: by code point, not by UTF-16 unit.</summary>
    /// <param name="left">Without lone surrogates.</param>
    /// <param name="right">Likewise.</param>
    public static int Compare(string left, string right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        var common = left.AsSpan().CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
            return left.Length.CompareTo(right.Length);
        var (first, second) = (left[common], right[common]);
        // A surrogate stands for a character above all that are one unit.
        return char.IsSurrogate(first) == char.IsSurrogate(second)
            ? first.CompareTo(second)
            : char.IsSurrogate(first).CompareTo(char.IsSurrogate(second));
    }

    /// <inheritdoc/>
    public int CompareTo(ReleasePath other) => Compare(ToString(), other.ToString());

    /// <summary>The text that was read.</summary>
    public override string ToString() => _text ?? "";

    /// <summary>Tells whether the left path comes before the right one.</summary>
    public static bool operator <(ReleasePath left, ReleasePath right) => left.CompareTo(right) < 0;

    /// <summary>Tells whether the left path comes after the right one.</summary>
    public static bool operator >(ReleasePath left, ReleasePath right) => left.CompareTo(right) > 0;

    /// <summary>Tells whether the left path does not come after the right one.</summary>
    public static bool operator <=(ReleasePath left, ReleasePath right) => left.CompareTo(right) <= 0;

    /// <summary>Tells whether the left path does not come before the right one.</summary>
    public static bool operator >=(ReleasePath left, ReleasePath right) => left.CompareTo(right) >= 0;

    internal static ManifestInvalidException Refused(string code, string path, string why) =>
        new(code, $"\"{OneLine.Of(Shortened(path))}\" cannot be in a release: {why}");

    /// <summary>The path without its middle where it is so long that the reason would not be seen.</summary>
    private static string Shortened(string path) =>
        path.Length <= 2 * ShownAtEachEnd ? path : $"{path[..ShownAtEachEnd]}…{path[^ShownAtEachEnd..]}";
}
