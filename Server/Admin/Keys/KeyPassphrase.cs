using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary>The passphrase of encrypted keys: asked at most once, and only when a key needs it.</summary>
/// <param name="ask">Finds it; null when there is none.</param>
internal sealed class KeyPassphrase(Func<string?> ask)
{
    /// <summary>The variable that gives it without a prompt.</summary>
    public const string Variable = "OTA_KEYS_PASSPHRASE";

    private const int MinCharacters = 8;

    private string? _known;

    /// <summary>For keys that are not encrypted.</summary>
    public static KeyPassphrase None { get; } = new(() => null);

    /// <summary>The passphrase.</summary>
    /// <exception cref="ChunkOtaException"><c>KEY_LOCKED</c>: there is none.</exception>
    public string Get() => _known ??= ask() is { Length: > 0 } given
        ? given
        : throw new ChunkOtaException(ErrorCodes.KeyLocked, "the keys are encrypted, and no passphrase was given");

    /// <summary>A passphrase that is good enough for new keys.</summary>
    /// <exception cref="ChunkOtaException"><c>KEY_LOCKED</c>: there is none. <c>USAGE</c>: it is too short.</exception>
    public string GetNew() => Get() is { Length: >= MinCharacters } good
        ? good
        : throw new ChunkOtaException(
            ErrorCodes.Usage, $"the passphrase is too short: use at least {MinCharacters} characters");

    /// <summary>The passphrase that the keys have.</summary>
    /// <param name="file">A file that holds it; null for none.</param>
    /// <param name="terminal">Asked where neither the file nor the variable is given.</param>
    public static KeyPassphrase FromOld(string? file, Terminal terminal) =>
        new(() => Find(file, Variable) ?? terminal.AskSecret?.Invoke("passphrase of the keys: ").Trim());

    /// <summary>A passphrase that the keys shall have; whoever sits at the terminal is asked twice.</summary>
    /// <param name="file">A file that holds it; null for none.</param>
    /// <param name="variable">The environment variable that holds it.</param>
    /// <param name="terminal">Asked where neither is given.</param>
    public static KeyPassphrase FromNew(string? file, string variable, Terminal terminal) => new(() =>
    {
        if (Find(file, variable) is { } given)
            return given;
        if (terminal.AskSecret is not { } ask)
            return null;
        var first = ask("new passphrase: ").Trim();
        return ask("the same again: ").Trim() == first
            ? first
            : throw new ChunkOtaException(ErrorCodes.Usage, "the two passphrases differ: nothing was changed");
    });

    private static string? Find(string? file, string variable) =>
        file is not null ? SecretText.Read(file) : CommonOptions.Variable(variable)?.Trim();
}
