using System.CommandLine;
using System.Globalization;
using ChunkOta.Chunking;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary><c>show</c>: what a release is made of.</summary>
internal sealed class ShowReleaseVerb : AdminVerb
{
    private readonly ReleaseName _release = new();

    private readonly Option<bool> _chunks = new("--chunks") { Description = "Every chunk of every file, too." };

    private readonly Option<string?> _root = new("--root")
    {
        Description = "Verify the manifest by this trust root; without it, only its digest is checked.",
        HelpName = "FILE",
    };

    public ShowReleaseVerb(AdminContext context) : base(
        context, "show", "Shows a release: its files and, if asked, their chunks.",
        "ota-admin show app 1.4.0 --root keys/root.json",
        "ota-admin show app 1.4.0 --platform linux-x64 --chunks --json")
    {
        _release.AddTo(this);
        Add(_chunks);
        Add(_root);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var root = parsed.GetValue(_root) is { } file ? KeyFolder.ReadRoot(file) : null;
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var release = await _release.FindAsync(session, parsed, cancellationToken);
        var envelope = await ManifestReader.ReadAsync(session, release.Manifest, cancellationToken);
        var manifest = root is null
            ? Manifest.Parser.ParseFrom(envelope.Payload)
            : VerifiedManifest.Verify(envelope, root).Value;
        var recipes = parsed.GetValue(_chunks)
            ? await RecipeReader.ReadAsync(session, release.Manifest.Digest, manifest, cancellationToken)
            : null;
        var report = new ShownRelease(ReleaseLine.Of(release), root is not null, manifest.Notes,
            [.. manifest.Entries.Select((entry, index) => Line(entry, Chunks(entry, index, recipes)))]);
        if (IsJson(parsed))
            Terminal.WriteJson(report, AdminJson.Default.ShownRelease);
        else
            Write(report);
    }

    private static List<ChunkLine>? Chunks(Entry entry, int index, IReadOnlyDictionary<int, Recipe>? recipes)
    {
        if (recipes is null)
            return null;
        var chunks = recipes.TryGetValue(index, out var recipe) ? recipe.Chunks
            : entry.SingleChunk() is { } single ? [single]
            : (IReadOnlyList<ChunkRef>)[];
        return [.. chunks.Select(chunk => new ChunkLine(chunk.Hash.ToString(), chunk.Length))];
    }

    private static EntryLine Line(Entry entry, IReadOnlyList<ChunkLine>? chunks) => new()
    {
        Path = entry.Path,
        Kind = entry.Kind switch
        {
            EntryKind.File => "file",
            EntryKind.EmptyDirectory => "directory",
            EntryKind.SymbolicLink => "link",
            _ => "unknown",
        },
        Executable = entry.Executable,
        SizeBytes = entry.Size,
        LinkTarget = entry.LinkTarget.Length > 0 ? entry.LinkTarget : null,
        Digest = entry.FileDigest()?.ToString(),
        Recipe = entry.RecipeDigest()?.ToString(),
        Chunks = chunks,
    };

    private void Write(ShownRelease report)
    {
        var release = report.Release;
        Terminal.WriteLine($"{release.Product} {ReleaseVersion.Describe(release.Version, release.Build)} "
            + $"{release.Platform} counter {release.Counter}, "
            + $"published {Printable.Time(release.PublishedUnixSeconds)}, "
            + $"{Printable.Count(release.Files, "file")}, {Printable.Bytes(release.LogicalBytes)}, channels: "
            + $"{string.Join(' ', release.Channels.DefaultIfEmpty("none"))}"
            + (
                release.AnchoredUnixSeconds is null
                    ? ""
                    : $", anchor since {Printable.Time(release.AnchoredUnixSeconds)}"));
        if (release.WithdrawnUnixSeconds is { } withdrawn)
            Terminal.WriteLine($"withdrawn {Printable.Time(withdrawn)}: {OneLine.Of(release.WithdrawalReason ?? "")}");
        Terminal.WriteLine(
            $"manifest {release.ManifestDigest} {(report.Verified ? "verified" : "signatures not verified (--root)")}");
        foreach (var line in report.Notes.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Terminal.WriteLine($"  {line}");
        foreach (var entry in report.Entries)
        {
            var kind = entry.Kind == "file" ? entry.Executable ? "0755" : "0644" : entry.Kind;
            var target = entry.LinkTarget is null ? "" : $" -> {entry.LinkTarget}";
            Terminal.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{kind,-9} {entry.SizeBytes,12}  {entry.Path}{target}"));
            foreach (var chunk in entry.Chunks ?? [])
                Terminal.WriteLine(
                    string.Create(CultureInfo.InvariantCulture, $"    {chunk.LengthBytes,8}  {chunk.Hash}"));
        }
    }
}
