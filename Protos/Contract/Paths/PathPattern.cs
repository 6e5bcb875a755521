using System.Buffers;
using System.Text;

namespace ChunkOta.Protos;

/// <summary>A pattern of paths, by the rules of gitignore: a line of an ignore file, or an option.</summary>
public sealed class PathPattern
{
    /// <summary>The longest pattern, in bytes of UTF-8: as long as the longest path of a release.</summary>
    public const int MaxBytes = 1024;

    private static readonly SearchValues<byte> Special = SearchValues.Create("*?[\\"u8);

    private readonly byte[] _literal;
    private readonly byte[] _rest;
    private readonly bool _isForFolders;
    private readonly bool _isForNames;

    private PathPattern(ReadOnlySpan<byte> text, bool isNegated, bool isForFolders, bool isForNames)
    {
        IsNegated = isNegated;
        _isForFolders = isForFolders;
        _isForNames = isForNames;
        var special = text.IndexOfAny(Special);
        var literal = special < 0 ? text : text[..special];
        _rest = text[literal.Length..].ToArray();
        _literal = (literal is [(byte)'/', .. var anchored] ? anchored : literal).ToArray();
    }

    /// <summary>The pattern begins with <c>!</c>: what it matches is not ignored.</summary>
    public bool IsNegated { get; }

    /// <summary>Reads a line of a file; null for a blank line or a comment.</summary>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: it is too long.</exception>
    public static PathPattern? ParseLine(string line) =>
        TrimSpaces(line) is { Length: > 0 } text && text[0] != '#' ? Parse(text) : null;

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: it is too long.</exception>
    public static PathPattern Parse(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid,
                $"the pattern has more than {MaxBytes} bytes: '{OneLine.Of(text[..40])}…': shorten it");
        }

        var isNegated = text.StartsWith('!');
        if (isNegated)
            text = text[1..];
        var isForFolders = text.EndsWith('/');
        if (isForFolders)
            text = text[..^1];
        return new PathPattern(
            Encoding.UTF8.GetBytes(text), isNegated, isForFolders, !text.Contains('/', StringComparison.Ordinal));
    }

    /// <summary>Tells whether the pattern matches.</summary>
    /// <param name="path">The path from the folder of the ignore file, UTF-8.</param>
    /// <param name="isFolder">Whether it is a directory, and not a link to one.</param>
    public bool Matches(ReadOnlySpan<byte> path, bool isFolder)
    {
        if (_isForFolders && !isFolder)
            return false;
        var text = _isForNames ? path[(path.LastIndexOf((byte)'/') + 1)..] : path;
        return text.StartsWith(_literal) && Wildcard.Matches(_rest, text[_literal.Length..]);
    }

    /// <summary>The line without the spaces at its end, except for one that a backslash protects.</summary>
    private static string TrimSpaces(string line)
    {
        var end = 0;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '\\' && i + 1 < line.Length)
                i++;
            else if (line[i] == ' ')
                continue;
            end = i + 1;
        }

        return line[..end];
    }
}
