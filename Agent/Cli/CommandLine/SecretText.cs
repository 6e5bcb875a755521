using System.Text;
using ChunkOta.Durable;

namespace ChunkOta.Agent.Cli;

/// <summary>A secret as users hand it over: <c>@FILE</c>, <c>-</c> for standard input, or itself.</summary>
internal static class SecretText
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>The secret, without the white space around it.</summary>
    /// <param name="given">What the user gave.</param>
    /// <param name="input">Standard input.</param>
    public static async Task<string> ReadAsync(string given, TextReader input, CancellationToken cancellationToken) =>
        given switch
        {
            "-" => (await input.ReadToEndAsync(cancellationToken)).Trim(),
            ['@', .. var path] => FromFile(path),
            _ => given.Trim(),
        };

    private static string FromFile(string path)
    {
        try
        {
            return Encoding.UTF8.GetString(
                DurableFile.FindBytes(path, MaxBytes)
                ?? throw new ChunkOtaException(ErrorCodes.ConfigInvalid, $"there is no token file '{path}'")).Trim();
        }
        catch (FileSystemException e)
        {
            throw new ChunkOtaException(ErrorCodes.ConfigInvalid, $"cannot read the token: {e.Message}", e);
        }
    }
}
