using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace ChunkOta.Protos;

/// <summary>Text files as editors and other systems write them: UTF-8, with or without a byte order mark, lines that
/// end in LF or CRLF. Everything else is refused by name.</summary>
public static class PlainText
{
    private const char Mark = '\ufeff';

    /// <summary>The bytes of a UTF-8 file without its byte order mark; for parsers that accept CRLF.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">What users call it, for the refusal.</param>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: UTF-16, UTF-32 or another encoding.</exception>
    public static ReadOnlySpan<byte> Utf8Of(ReadOnlySpan<byte> file, string name)
    {
        if (file.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || file.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff])
            || file.Contains((byte)0))
            throw Refused(name, "it is UTF-16, or not text");
        var text = file.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf]) ? file[3..] : file;
        return Utf8.IsValid(text)
            ? text
            : throw Refused(name, string.Create(
                CultureInfo.InvariantCulture, $"byte 0x{text[CountValid(text)]:x2} belongs to another encoding"));
    }

    /// <summary>The text of a file, its lines ended by LF.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">What users call it, for the refusal.</param>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: as <see cref="Utf8Of"/>.</exception>
    public static string Read(ReadOnlySpan<byte> file, string name) =>
        Encoding.UTF8.GetString(Utf8Of(file, name)).Replace("\r\n", "\n", StringComparison.Ordinal);

    /// <summary>Text that came decoded, such as standard input or a variable, as <see cref="Read"/> gives it.</summary>
    /// <param name="text">Decoded as UTF-8.</param>
    /// <param name="name">What users call it, for the refusal.</param>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: it was not UTF-8.</exception>
    public static string OfDecoded(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.AsSpan().ContainsAny('\0', '\ufffd')
            ? throw Refused(name, "it is UTF-16, or not text")
            : text.TrimStart(Mark).Replace("\r\n", "\n", StringComparison.Ordinal);
    }

    private static int CountValid(ReadOnlySpan<byte> text)
    {
        var valid = 0;
        while (Rune.DecodeFromUtf8(text[valid..], out _, out var bytes) == System.Buffers.OperationStatus.Done)
            valid += bytes;
        return valid;
    }

    private static ChunkOtaException Refused(string name, string why) => new(
        ErrorCodes.ConfigInvalid, $"the file is not UTF-8 text: {OneLine.Of(name)}: {why}: save it as UTF-8");
}
