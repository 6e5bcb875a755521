namespace ChunkOta.Admin;

/// <summary>A secret as users hand it over: <c>@FILE</c>, <c>-</c> for standard input, or itself.</summary>
internal static class SecretText
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>The secret, without the white space around it.</summary>
    public static string Read(string given) => given switch
    {
        "-" => Console.In.ReadToEnd().Trim(),
        ['@', .. var path] => FromFile(path),
        _ => given.Trim(),
    };

    private static string FromFile(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaxBytes
                ? File.ReadAllText(path).Trim()
                : throw new ChunkOtaException(ErrorCodes.TokenInvalid, $"'{path}' is too long to be a token");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ChunkOtaException(ErrorCodes.ConfigInvalid, $"cannot read the token: {e.Message}", e);
        }
    }
}
