using System.CommandLine;
using System.Text;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>The options by which a verb is told where the publisher's keys are.</summary>
internal sealed class KeyOptions
{
    private const int MaxInputCharacters = 64 * 1024;

    private readonly Option<string> _directory;

    private readonly Option<string[]> _variables = new("--key-env")
    {
        Description = "An environment variable that holds a key file's text; may be given again. --keys then needs "
            + "only root.json.",
        HelpName = "NAME",
    };

    private readonly Option<bool> _input = new("--key-stdin")
    {
        Description = "Standard input holds the text of one or more key files.",
    };

    private readonly Option<string?> _passphraseFile = new("--passphrase-file")
    {
        Description = $"The file with the passphrase of encrypted keys. Else {KeyPassphrase.Variable}, else a prompt.",
        HelpName = "FILE",
    };

    /// <summary>Makes the options.</summary>
    /// <param name="description">The help of <c>--keys</c>: which files the verb needs.</param>
    public KeyOptions(string description) => _directory = new Option<string>("--keys")
    {
        Description = description,
        HelpName = "DIR",
        Required = true,
    }.FromEnvironment("OTA_KEYS");

    public void AddTo(Command command)
    {
        command.Add(_directory);
        command.Add(_variables);
        command.Add(_input);
        command.Add(_passphraseFile);
    }

    /// <summary>The folder.</summary>
    public string Directory(ParseResult parsed) => parsed.GetRequiredValue(_directory);

    /// <summary>Reads the keys that are handed over without a file.</summary>
    /// <exception cref="ChunkOtaException"><c>KEY_INVALID</c>: a variable is not set or holds something
    /// else.</exception>
    public async Task<KeySource> ReadAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        List<(KeyFile, string)> given = [];
        foreach (var name in parsed.GetValue(_variables) ?? [])
        {
            var text = CommonOptions.Variable(name)
                ?? throw new ChunkOtaException(ErrorCodes.KeyInvalid, $"the environment variable {name} is not set");
            Add(text, name);
        }
        if (parsed.GetValue(_input))
            Add(await ReadInputAsync(terminal, cancellationToken), "standard input");
        return new KeySource(
            new KeyFolder(parsed.GetRequiredValue(_directory)), given,
            KeyPassphrase.FromOld(parsed.GetValue(_passphraseFile), terminal));

        void Add(string text, string origin) => given.AddRange(
            KeyFile.ReadAll(Encoding.UTF8.GetBytes(PlainText.OfDecoded(text, origin)), origin)
                .Select(key => (key, origin)));
    }

    private static async Task<string> ReadInputAsync(Terminal terminal, CancellationToken cancellationToken)
    {
        var buffer = new char[MaxInputCharacters + 1];
        var length = await terminal.In.ReadBlockAsync(buffer, cancellationToken);
        return length <= MaxInputCharacters
            ? new string(buffer, 0, length)
            : throw new ChunkOtaException(ErrorCodes.KeyInvalid, "standard input is too long to be keys");
    }
}
