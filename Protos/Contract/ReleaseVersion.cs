using System.Diagnostics.CodeAnalysis;

namespace ChunkOta.Protos;

/// <summary>The version of a release: SemVer 2 to the letter, without build metadata, at most 128 characters.</summary>
/// <remarks>
/// Build metadata (the <c>b5</c> of <c>1.4.2+b5</c>) says which build made a release; it does not tell releases apart.
/// Without it, equal precedence is equal text, so a version has one spelling and may name a directory. Numbers
/// may have any length. The default value is not a version: its text is empty.
/// </remarks>
public readonly record struct ReleaseVersion : IComparable<ReleaseVersion>, ISpanParsable<ReleaseVersion>
{
    /// <summary>The longest version, in characters.</summary>
    public const int MaxLength = 128;

    /// <summary>The longest build metadata, in characters.</summary>
    public const int MaxBuildLength = 128;

    private readonly string? _text;

    private ReleaseVersion(string text) => _text = text;

    /// <summary>True when it has a part after a hyphen, such as <c>1.0.0-rc.1</c>.</summary>
    public bool IsPrerelease => ToString().Contains('-', StringComparison.Ordinal);

    /// <summary>Reads a version.</summary>
    /// <param name="text">Such as <c>10.0.14</c> or <c>2.0.0-beta.3</c>.</param>
    /// <exception cref="ChunkOtaException">VERSION_INVALID.</exception>
    public static ReleaseVersion Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out var version)
            ? version
            : throw new ChunkOtaException(ErrorCodes.VersionInvalid,
                $"\"{OneLine.Of(text)}\" is not a version: it must be SemVer 2 such as 1.2.3 or 1.2.3-rc.1, "
                + $"at most {MaxLength} characters");
    }

    /// <inheritdoc cref="Parse(string)"/>
    /// <param name="s">Such as <c>10.0.14</c>.</param>
    /// <param name="provider">Not used: a version has one spelling everywhere.</param>
    public static ReleaseVersion Parse(string s, IFormatProvider? provider) => Parse(s);

    /// <inheritdoc cref="Parse(string, IFormatProvider?)"/>
    public static ReleaseVersion Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString());

    /// <summary>Reads a version as users write it, with or without build metadata.</summary>
    /// <param name="text">Such as <c>1.4.2</c> or <c>1.4.2+b5</c>.</param>
    /// <param name="build">The build metadata, such as <c>b5</c>; empty for none.</param>
    /// <exception cref="ChunkOtaException">VERSION_INVALID.</exception>
    public static ReleaseVersion ParseWithBuild(string text, out string build)
    {
        ArgumentNullException.ThrowIfNull(text);
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        build = plus < 0 ? "" : text[(plus + 1)..];
        if (plus >= 0 && (build.Length == 0 || !IsBuild(build)))
        {
            throw new ChunkOtaException(
                ErrorCodes.VersionInvalid,
                $"\"{OneLine.Of(text)}\" is not a version: after the plus it must have dotted identifiers of letters, "
                + $"digits and hyphens, at most {MaxBuildLength} characters");
        }

        return Parse(plus < 0 ? text : text[..plus]);
    }

    /// <summary>Tells whether a text is build metadata, or empty for none.</summary>
    /// <param name="text">What follows the plus.</param>
    public static bool IsBuild(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length is 0 or > MaxBuildLength)
            return text.Length == 0;
        foreach (var part in text.AsSpan().Split('.'))
        {
            if (!IsIdentifierText(text.AsSpan()[part]))
                return false;
        }

        return true;
    }

    /// <summary>A version with its build metadata, as people read it: <c>1.4.2+b5</c>.</summary>
    /// <param name="version">The version.</param>
    /// <param name="build">Its build metadata; null or empty for none.</param>
    public static string Describe(string? version, string? build) =>
        string.IsNullOrEmpty(build) ? version ?? "" : $"{version}+{build}";

    /// <summary>Reads a version, if the text is one.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="version">The version, or the default value.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, out ReleaseVersion version)
    {
        var isVersion = text is { Length: > 0 and <= MaxLength } && IsVersion(text);
        version = isVersion ? new ReleaseVersion(text!) : default;
        return isVersion;
    }

    /// <inheritdoc cref="TryParse(string?, out ReleaseVersion)"/>
    /// <param name="s">Any text.</param>
    /// <param name="provider">Not used.</param>
    /// <param name="result">The version, or the default value.</param>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ReleaseVersion result) =>
        TryParse(s, out result);

    /// <inheritdoc cref="TryParse(string?, IFormatProvider?, out ReleaseVersion)"/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out ReleaseVersion result) =>
        TryParse(s.ToString(), out result);

    /// <summary>Orders by SemVer's precedence.</summary>
    /// <param name="other">The version to compare with.</param>
    public int CompareTo(ReleaseVersion other)
    {
        Split(ToString(), out var core, out var suffix);
        Split(other.ToString(), out var otherCore, out var otherSuffix);
        var order = CompareParts(core, otherCore);
        if (order != 0)
            return order;
        if (suffix.IsEmpty || otherSuffix.IsEmpty)
            return suffix.IsEmpty.CompareTo(otherSuffix.IsEmpty); // a release comes after its pre-releases
        return CompareParts(suffix, otherSuffix);
    }

    /// <summary>The text that was read.</summary>
    public override string ToString() => _text ?? "";

    /// <summary>Tells whether the left version comes before the right one.</summary>
    public static bool operator <(ReleaseVersion left, ReleaseVersion right) => left.CompareTo(right) < 0;

    /// <summary>Tells whether the left version comes after the right one.</summary>
    public static bool operator >(ReleaseVersion left, ReleaseVersion right) => left.CompareTo(right) > 0;

    /// <summary>Tells whether the left version does not come after the right one.</summary>
    public static bool operator <=(ReleaseVersion left, ReleaseVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Tells whether the left version does not come before the right one.</summary>
    public static bool operator >=(ReleaseVersion left, ReleaseVersion right) => left.CompareTo(right) >= 0;

    private static bool IsVersion(string text)
    {
        Split(text, out var core, out var suffix);
        var numbers = 0;
        foreach (var part in core.Split('.'))
        {
            if (!IsNumber(core[part]))
                return false;
            numbers++;
        }
        if (numbers != 3)
            return false;
        if (suffix.IsEmpty)
            return core.Length == text.Length; // else it ends in a hyphen
        foreach (var part in suffix.Split('.'))
            if (!IsIdentifier(suffix[part]))
                return false;
        return true;
    }

    /// <summary>Digits without a leading zero.</summary>
    private static bool IsNumber(ReadOnlySpan<char> part) =>
        !part.IsEmpty && !part.ContainsAnyExceptInRange('0', '9') && (part.Length == 1 || part[0] != '0');

    private static bool IsIdentifier(ReadOnlySpan<char> part) =>
        IsIdentifierText(part) && (part.ContainsAnyExceptInRange('0', '9') || IsNumber(part));

    private static bool IsIdentifierText(ReadOnlySpan<char> part)
    {
        foreach (var character in part)
            if (!char.IsAsciiLetterOrDigit(character) && character != '-')
                return false;
        return !part.IsEmpty;
    }

    private static void Split(string text, out ReadOnlySpan<char> core, out ReadOnlySpan<char> suffix)
    {
        var hyphen = text.IndexOf('-', StringComparison.Ordinal);
        core = hyphen < 0 ? text : text.AsSpan(0, hyphen);
        suffix = hyphen < 0 ? [] : text.AsSpan(hyphen + 1);
    }

    /// <summary>Compares dotted parts one by one; where all are equal, more parts come after fewer.</summary>
    private static int CompareParts(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        var rightParts = right.Split('.');
        foreach (var part in left.Split('.'))
        {
            if (!rightParts.MoveNext())
                return 1;
            var order = ComparePart(left[part], right[rightParts.Current]);
            if (order != 0)
                return order;
        }
        return rightParts.MoveNext() ? -1 : 0;
    }

    /// <summary>Numbers by value and before words, words by ASCII order.</summary>
    private static int ComparePart(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        var leftIsNumber = !left.ContainsAnyExceptInRange('0', '9');
        var rightIsNumber = !right.ContainsAnyExceptInRange('0', '9');
        if (leftIsNumber != rightIsNumber)
            return leftIsNumber ? -1 : 1;
        if (leftIsNumber && left.Length != right.Length)
            return left.Length.CompareTo(right.Length); // no leading zeros: longer is greater
        return left.SequenceCompareTo(right);
    }
}
