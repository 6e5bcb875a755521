using System.CommandLine;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary><c>keys show</c>: what a folder of keys holds; never a secret.</summary>
internal sealed class KeysShowVerb : AdminVerb
{
    private const int FingerprintCharacters = 16;

    private readonly Option<string> _directory = new Option<string>("--keys")
    {
        Description = "The folder that 'keys init' made.",
        HelpName = "DIR",
        Required = true,
    }.FromEnvironment("OTA_KEYS");

    public KeysShowVerb(AdminContext context) : base(context, "show",
        "Shows the trust root of a folder and its keys: version, expiry, roles, thresholds, fingerprints. Never a "
        + "secret.",
        "ota-admin keys show --keys keys")
    {
        Add(_directory);
    }

    protected override Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var report = Read(parsed.GetRequiredValue(_directory));
        if (IsJson(parsed))
            Terminal.WriteJson(report, AdminJson.Default.ShownKeys);
        else
            Write(report);
        return Task.CompletedTask;
    }

    private ShownKeys Read(string directory)
    {
        var source = KeySource.Of(directory);
        var chain = KeyFolder.ReadChain(source.Folder.RootPath);
        var root = chain[^1];
        return new ShownKeys
        {
            Directory = directory,
            RootVersion = root.Version,
            RootDigest = root.Digest.ToString(),
            RootIssuedUnixSeconds = root.Value.IssuedUnixSeconds,
            RootExpiresUnixSeconds = root.Value.ExpiresUnixSeconds,
            FirstRootVersion = chain[0].Version,
            FirstRootDigest = chain[0].Digest.ToString(),
            Keys = [.. root.Value.Roles.SelectMany(role => role.Keys.Select(key => Line(source, root, role, key)))],
            Warnings = RenewalRules.FindRootWarning(
                $"'{directory}'", root.Version, root.Expires, Clock.GetUtcNow()) is { } warning ? [warning] : [],
        };
    }

    private static ShownKey Line(KeySource source, VerifiedRoot root, TrustRole role, TrustKey key)
    {
        var publicKey = Convert.ToHexStringLower(key.Key.Span);
        var file = source.Find(role.Name, root, product: null);
        var isHere = file?.Public == publicKey;
        return new ShownKey(
            role.Name, (int)role.Threshold, publicKey, isHere, isHere && file!.IsEncrypted, [.. key.Products]);
    }

    private void Write(ShownKeys report)
    {
        Terminal.WriteLine(
            $"trust root {report.RootVersion}, valid until {Printable.Time(report.RootExpiresUnixSeconds)}: "
            + report.RootDigest);
        if (report.FirstRootVersion != report.RootVersion)
            Terminal.WriteLine($"first root {report.FirstRootVersion}, which devices pin: {report.FirstRootDigest}");
        var table = new TextTable("role", "threshold", "key", "here", "products");
        foreach (var key in report.Keys)
        {
            table.Add(
                key.Role, key.Threshold.ToString(CultureInfo.InvariantCulture), key.Public[..FingerprintCharacters],
                key switch { { IsEncrypted: true } => "encrypted", { IsHere: true } => "plain", _ => "no" },
                key.Products.Count == 0 ? "all" : string.Join(' ', key.Products));
        }
        table.WriteTo(Terminal);
        Warn(report.Warnings);
    }
}
