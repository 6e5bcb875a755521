using System.Text;

namespace ChunkOta.Cli;

/// <summary>A secret as users hand it over: <c>@FILE</c>, <c>-</c> for standard input, or the secret itself.</summary>
public static class SecretText
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>The secret, without the white space around it.</summary>
    /// <param name="given">What the user gave.</param>
    /// <param name="input">Standard input.</param>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: the file cannot be read;
    /// <c>TOKEN_INVALID</c>: it is longer than 64 KiB.</exception>
    public static async Task<string> ReadAsync(string given, TextReader input, CancellationToken cancellationToken) =>
        given switch
        {
            "-" => (await input.ReadToEndAsync(cancellationToken)).Trim(),
            ['@', .. var path] => await FromFileAsync(path, cancellationToken),
            _ => given.Trim(),
        };

    private static async Task<string> FromFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            // Read rather than asked for its length: a pipe such as @<(command) has none.
            await using var file = File.OpenRead(path);
            var bytes = new byte[MaxBytes + 1];
            var length = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
            return length <= MaxBytes
                ? Encoding.UTF8.GetString(bytes.AsSpan(0, length)).Trim()
                : throw new ChunkOtaException(ErrorCodes.TokenInvalid, $"'{path}' is too long to be a token");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid, $"cannot read the token: {e.Message.TrimEnd('.')}", e);
        }
    }
}
