using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary><c>keys init</c>: makes a publisher's keys.</summary>
internal sealed class KeysInitVerb : AdminVerb
{
    private readonly Option<string> _out = new("--out")
    {
        Description = "The folder to make; nothing in it is overwritten.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<TimeSpan> _expires = ExpiresOption();

    private readonly Option<bool> _encrypt = new("--encrypt")
    {
        Description = "Encrypt the keys with a passphrase.",
    };

    private readonly Option<string?> _passphraseFile = new("--passphrase-file")
    {
        Description = $"The file with the passphrase. Else {KeyPassphrase.Variable}, else a prompt.",
        HelpName = "FILE",
    };

    public KeysInitVerb(AdminContext context) : base(context, "init",
        "Makes root, release and channel keys and the trust root that names them. Keep root.key offline.",
        "ota-admin keys init --out keys",
        "# Asks for a passphrase.",
        "ota-admin keys init --out keys --encrypt")
    {
        Add(_out);
        Add(_expires);
        Add(_encrypt);
        Add(_passphraseFile);
    }

    /// <summary><c>--expires</c>, which renewing and rotating take, too.</summary>
    public static Option<TimeSpan> ExpiresOption() => new("--expires")
    {
        Description = "How long the trust root is valid.",
        HelpName = "SPAN",
        CustomParser = Durations.Parse,
        DefaultValueFactory = _ => TimeSpan.FromDays(365),
    };

    protected override bool IsChange => true;

    protected override Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var directory = parsed.GetRequiredValue(_out);
        var now = Clock.GetUtcNow();
        var expires = now + parsed.GetValue(_expires);
        var passphrase = parsed.GetValue(_encrypt)
            ? KeyPassphrase.FromNew(parsed.GetValue(_passphraseFile), KeyPassphrase.Variable, Terminal).GetNew()
            : null;
        var root = PublisherKeys.Create(directory, now, expires, passphrase);
        var report = new KeysReport(directory, root.Digest.ToString(), expires.ToUnixTimeSeconds());
        if (IsJson(parsed))
            Terminal.WriteJson(report, AdminJson.Default.KeysReport);
        else
            Terminal.WriteLine(
                $"keys {directory} root {report.RootDigest} valid until "
                + $"{Printable.Time(report.RootExpiresUnixSeconds)}");
        return Task.CompletedTask;
    }
}
