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

    private readonly Option<TimeSpan> _expires = new("--expires")
    {
        Description = "How long the trust root is valid.",
        HelpName = "SPAN",
        CustomParser = OptionParsers.Duration,
        DefaultValueFactory = _ => TimeSpan.FromDays(365),
    };

    public KeysInitVerb(AdminContext context) : base(context, "init",
        "Makes root, release and channel keys and the trust root that names them. Keep root.key offline.",
        "ota-admin keys init --out keys")
    {
        Add(_out);
        Add(_expires);
    }

    protected override Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var directory = parsed.GetRequiredValue(_out);
        var expires = Clock.GetUtcNow() + parsed.GetValue(_expires);
        var root = PublisherKeys.Create(directory, expires);
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
