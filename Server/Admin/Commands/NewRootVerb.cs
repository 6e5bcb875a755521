using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>A verb that signs the next trust root of a folder of keys.</summary>
internal abstract class NewRootVerb(
    AdminContext context, string name, string description, params ReadOnlySpan<string> examples)
    : AdminVerb(context, name, description, examples)
{
    private readonly KeyOptions _keys = new("The folder that 'keys init' made, with root.key.");

    private readonly Option<TimeSpan> _expires = KeysInitVerb.ExpiresOption();

    /// <summary>Adds the options that both verbs take.</summary>
    protected void AddOptions()
    {
        _keys.AddTo(this);
        Add(_expires);
    }

    protected override bool IsChange => true;

    protected sealed override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var source = await _keys.ReadAsync(parsed, Terminal, cancellationToken);
        var now = Clock.GetUtcNow();
        var next = source.Folder.Change(
            root => SignNext(parsed, source, root, (now, now + parsed.GetValue(_expires))));
        var report = new NewRootReport(
            source.Folder.RootPath, next.Version, next.Digest.ToString(), next.Value.ExpiresUnixSeconds);
        if (IsJson(parsed))
        {
            Terminal.WriteJson(report, AdminJson.Default.NewRootReport);
            return;
        }
        Terminal.WriteLine(
            $"root {report.RootVersion} {report.RootDigest} valid until "
            + Printable.Time(report.RootExpiresUnixSeconds));
        Terminal.WriteLine($"next: ota-admin products root PRODUCT --root {report.Root}");
    }

    /// <summary>Signs the next root and puts it into the folder.</summary>
    protected abstract VerifiedRoot SignNext(
        ParseResult parsed, KeySource source, VerifiedRoot root, (DateTimeOffset Now, DateTimeOffset Expires) time);
}
