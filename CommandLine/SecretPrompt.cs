using System.Text;

namespace ChunkOta.Cli;

/// <summary>Asks a person for a secret, which is not shown.</summary>
internal static class SecretPrompt
{
    /// <summary>Asks on standard error, so that the answer of the command stays clean.</summary>
    public static string Ask(string prompt)
    {
        Console.Error.Write(prompt);
        var secret = new StringBuilder();
        for (var key = Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter;
            key = Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace)
                secret.Length = Math.Max(0, secret.Length - 1);
            else if (key.KeyChar != '\0')
                secret.Append(key.KeyChar);
        }
        Console.Error.WriteLine();
        return secret.ToString();
    }
}
