using ChunkOta.Protos;

namespace ChunkOta.Cli;

/// <summary>A secret as users hand it over: <c>@FILE</c>, <c>-</c> for standard input, or the secret itself.</summary>
public static class SecretText
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>The secret, without the white space around it.</summary>
    /// <param name="given">What the user gave.</param>
    /// <param name="input">Standard input.</param>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: the file cannot be read or is not UTF-8;
    /// <c>TOKEN_INVALID</c>: it is longer than 64 KiB.</exception>
    public static async Task<string> ReadAsync(string given, TextReader input, CancellationToken cancellationToken) =>
        given switch
        {
            "-" => PlainText.OfDecoded(await input.ReadToEndAsync(cancellationToken), "standard input").Trim(),
            ['@', .. var path] => Read(path),
            _ => PlainText.OfDecoded(given, "the secret").Trim(),
        };

    /// <summary>The secret in a file, without the white space around it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: the file cannot be read;
    /// <c>TOKEN_INVALID</c>: it is longer than 64 KiB.</exception>
    public static string Read(string path)
    {
        try
        {
            // Read rather than asked for its length: a pipe such as @<(command) has none.
            using var file = File.OpenRead(path);
            var bytes = new byte[MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length <= MaxBytes
                ? PlainText.Read(bytes.AsSpan(0, length), path).Trim()
                : throw new ChunkOtaException(ErrorCodes.TokenInvalid, $"'{path}' is too long to be a secret");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid, $"cannot read the secret: {e.Message.TrimEnd('.')}", e);
        }
    }
}
