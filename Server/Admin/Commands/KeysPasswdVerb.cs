using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary><c>keys passwd</c>: sets, changes or removes the passphrase of a folder's keys.</summary>
internal sealed class KeysPasswdVerb : AdminVerb
{
    /// <summary>The variable with the new passphrase.</summary>
    public const string NewVariable = "OTA_KEYS_NEW_PASSPHRASE";

    private readonly KeyOptions _keys = new("The folder that 'keys init' made.");

    private readonly Option<string?> _newFile = new("--new-passphrase-file")
    {
        Description = $"The file with the new passphrase. Else {NewVariable}, else a prompt.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _remove = new("--remove") { Description = "Store the keys without a passphrase." };

    public KeysPasswdVerb(AdminContext context) : base(context, "passwd",
        "Encrypts all keys of a folder, replaced ones included, with a new passphrase, or removes it.",
        "ota-admin keys passwd --keys keys",
        "ota-admin keys passwd --keys keys --remove")
    {
        _keys.AddTo(this);
        Add(_newFile);
        Add(_remove);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var source = await _keys.ReadAsync(parsed, Terminal, cancellationToken);
        var replaced = source.Folder.Change(_ => Replace(parsed, source));
        var report = new PasswdReport(_keys.Directory(parsed), !parsed.GetValue(_remove), replaced);
        if (IsJson(parsed))
        {
            Terminal.WriteJson(report, AdminJson.Default.PasswdReport);
            return;
        }
        Terminal.WriteLine(
            $"{(report.Encrypted ? "encrypted" : "stored without a passphrase")}: {string.Join(", ", report.Keys)}");
    }

    private List<string> Replace(ParseResult parsed, KeySource source)
    {
        var passphrase = parsed.GetValue(_remove)
            ? null
            : KeyPassphrase.FromNew(parsed.GetValue(_newFile), NewVariable, Terminal).GetNew();
        List<(string Path, string Role, SigningKey Key)> opened = [];
        try
        {
            // Every key is opened before one is written: a wrong passphrase changes nothing.
            foreach (var (path, file) in source.Folder.ReadKeysToReplace())
                opened.Add((path, file.Role, Open(path, file, source, passphrase)));
            foreach (var (path, role, key) in opened)
                KeyFile.Of(role, key, passphrase).WriteTo(path);
            return [.. opened.Select(of => Path.GetFileNameWithoutExtension(of.Path))];
        }
        finally
        {
            foreach (var (_, _, key) in opened)
                key.Dispose();
        }
    }

    /// <summary>Opens a key by the old passphrase, or by the new one where an interrupted run has set it.</summary>
    private static SigningKey Open(string path, KeyFile file, KeySource source, string? passphrase)
    {
        var origin = $"'{path}'";
        try
        {
            return file.Open(origin, source.Passphrase);
        }
        catch (ChunkOtaException e) when (e.Code == ErrorCodes.KeyLocked && passphrase is not null)
        {
            if (file.TryOpen(origin, passphrase) is { } key)
                return key;
            throw;
        }
    }
}
