using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace ChunkOta.Chunking;

/// <summary>A BLAKE3-256 digest: the only name of any content, be it chunk, file, recipe, pack or manifest.</summary>
/// <remarks>
/// Values compare as their bytes do. The text form is exactly 64 lower-case hex digits: one spelling a digest, so
/// that text can serve as a key or a path. The default value is 32 zero bytes, which no content is known to have: see
/// <see cref="IsZero"/>.
/// </remarks>
public readonly struct Digest
    : IEquatable<Digest>, IComparable<Digest>, ISpanParsable<Digest>, ISpanFormattable
{
    /// <summary>The length of a digest in bytes.</summary>
    public const int Size = 32;

    private const int TextLength = 2 * Size;

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    // Read big-endian, so that comparing the words in order is comparing the bytes in order.
    private readonly ulong _word0, _word1, _word2, _word3;

    private Digest(ReadOnlySpan<byte> bytes)
    {
        _word0 = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        _word1 = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        _word2 = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        _word3 = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
    }

    private Digest(ulong word0, ulong word1, ulong word2, ulong word3) =>
        (_word0, _word1, _word2, _word3) = (word0, word1, word2, word3);

    /// <summary>True if all 32 bytes are zero: the default value, a digest that was never computed.</summary>
    public bool IsZero => (_word0 | _word1 | _word2 | _word3) == 0;

    /// <summary>Computes the digest of bytes in memory.</summary>
    /// <param name="content">Any number of bytes, including none.</param>
    public static Digest Of(ReadOnlySpan<byte> content) => Blake3.Hash(content);

    /// <summary>Reads a digest from its binary form.</summary>
    /// <param name="bytes">Exactly 32 bytes.</param>
    /// <exception cref="ArgumentException">There are fewer or more than 32 bytes.</exception>
    public static Digest FromBytes(ReadOnlySpan<byte> bytes) =>
        TryFromBytes(bytes, out var digest)
            ? digest
            : throw new ArgumentException($"a digest is {Size} bytes, not {bytes.Length}", nameof(bytes));

    /// <summary>Reads a digest from its binary form.</summary>
    /// <param name="bytes">Bytes from anywhere.</param>
    /// <param name="digest">The digest, or the default value if the result is false.</param>
    /// <returns>True if there are exactly 32 bytes.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, out Digest digest)
    {
        digest = bytes.Length == Size ? new Digest(bytes) : default;
        return bytes.Length == Size;
    }

    /// <summary>Writes the 32 bytes of the digest.</summary>
    /// <param name="destination">At least 32 bytes; the first 32 are written.</param>
    /// <exception cref="ArgumentException">The destination is shorter than 32 bytes.</exception>
    public void CopyTo(Span<byte> destination)
    {
        if (destination.Length < Size)
            throw new ArgumentException($"a digest needs {Size} bytes, not {destination.Length}", nameof(destination));
        BinaryPrimitives.WriteUInt64BigEndian(destination, _word0);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _word1);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _word2);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _word3);
    }

    /// <summary>Copies the 32 bytes of the digest to a new array.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public bool Equals(Digest other) =>
        _word0 == other._word0 && _word1 == other._word1 && _word2 == other._word2 && _word3 == other._word3;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Digest other && Equals(other);

    /// <summary>A word of the digest, which is uniform already.</summary>
    public override int GetHashCode() => (int)_word3;

    /// <summary>Combines two digests bit by bit; combined again with one of them, the result is the other
    /// one.</summary>
    public static Digest operator ^(Digest left, Digest right) => new(
        left._word0 ^ right._word0, left._word1 ^ right._word1, left._word2 ^ right._word2,
        left._word3 ^ right._word3);

    /// <summary>Orders digests as their bytes are ordered.</summary>
    /// <param name="other">The digest to compare with.</param>
    /// <returns>Negative, zero or positive as this one comes before, at or after the other.</returns>
    public int CompareTo(Digest other)
    {
        if (_word0 != other._word0)
            return _word0 < other._word0 ? -1 : 1;
        if (_word1 != other._word1)
            return _word1 < other._word1 ? -1 : 1;
        if (_word2 != other._word2)
            return _word2 < other._word2 ? -1 : 1;
        return _word3.CompareTo(other._word3);
    }

    /// <summary>The 64 lower-case hex digits.</summary>
    public override string ToString() => string.Create(TextLength, this, static (text, digest) => digest.Write(text));

    /// <inheritdoc cref="TryFormat"/>
    /// <returns>The 64 lower-case hex digits.</returns>
    public string ToString(string? format, IFormatProvider? formatProvider)
    {
        RequireKnown(format);
        return ToString();
    }

    /// <summary>Writes the 64 lower-case hex digits.</summary>
    /// <param name="destination">At least 64 characters, otherwise the result is false.</param>
    /// <param name="charsWritten">64, or 0 if the result is false.</param>
    /// <param name="format">Empty or <c>x</c>.</param>
    /// <param name="provider">Ignored: digests have no culture.</param>
    /// <returns>True if the text fits.</returns>
    /// <exception cref="FormatException">The format is neither empty nor <c>x</c>.</exception>
    public bool TryFormat(
        Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider)
    {
        RequireKnown(format);
        charsWritten = destination.Length < TextLength ? 0 : TextLength;
        if (charsWritten == 0)
            return false;
        Write(destination[..TextLength]);
        return true;
    }

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static Digest Parse(ReadOnlySpan<char> s) => Parse(s, null);

    /// <summary>Reads a digest from its text form.</summary>
    /// <param name="s">Exactly 64 lower-case hex digits, without white space around them.</param>
    /// <param name="provider">Ignored: digests have no culture.</param>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static Digest Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out var digest)
            ? digest
            : throw new FormatException($"a digest is {TextLength} lower-case hex digits");

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    /// <exception cref="ArgumentNullException">The text is null.</exception>
    public static Digest Parse(string s, IFormatProvider? provider)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, IFormatProvider?, out Digest)"/>
    public static bool TryParse(ReadOnlySpan<char> s, out Digest result) => TryParse(s, null, out result);

    /// <summary>Reads a digest from its text form, if it is one.</summary>
    /// <param name="s">Exactly 64 lower-case hex digits, otherwise the result is false.</param>
    /// <param name="provider">Ignored: digests have no culture.</param>
    /// <param name="result">The digest, or the default value if the result is false.</param>
    /// <returns>True if the text is a digest.</returns>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out Digest result)
    {
        result = default;
        if (s.Length != TextLength || s.ContainsAnyExcept(LowerHex))
            return false;
        Span<byte> bytes = stackalloc byte[Size];
        if (Convert.FromHexString(s, bytes, out _, out _) != OperationStatus.Done)
            return false;
        result = new Digest(bytes);
        return true;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, IFormatProvider?, out Digest)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Digest result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <summary>True if the bytes are equal.</summary>
    public static bool operator ==(Digest left, Digest right) => left.Equals(right);

    /// <summary>True if the bytes differ.</summary>
    public static bool operator !=(Digest left, Digest right) => !left.Equals(right);

    /// <summary>True if the left one comes first in byte order.</summary>
    public static bool operator <(Digest left, Digest right) => left.CompareTo(right) < 0;

    /// <summary>True if the left one comes first in byte order or both are equal.</summary>
    public static bool operator <=(Digest left, Digest right) => left.CompareTo(right) <= 0;

    /// <summary>True if the right one comes first in byte order.</summary>
    public static bool operator >(Digest left, Digest right) => left.CompareTo(right) > 0;

    /// <summary>True if the right one comes first in byte order or both are equal.</summary>
    public static bool operator >=(Digest left, Digest right) => left.CompareTo(right) >= 0;

    private void Write(Span<char> text)
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        Convert.TryToHexStringLower(bytes, text, out _);
    }

    private static void RequireKnown(ReadOnlySpan<char> format)
    {
        if (format is not ("" or "x"))
            throw new FormatException($"unknown format '{format}' of a digest: use x");
    }
}
