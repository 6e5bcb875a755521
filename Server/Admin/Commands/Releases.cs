using System.CommandLine;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>releases</c>: what was published.</summary>
internal sealed class Releases : AdminVerb
{
    private readonly ReleaseFilter _filter = new();

    public Releases(AdminContext context) : base(context, "releases", "Lists releases, the newest first.",
        "ota-admin releases",
        "ota-admin releases app --platform linux-x64") => _filter.AddTo(this);

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var filter = _filter.Read(parsed);
        await PrintAsync(session, filter, IsJson(parsed), Terminal, cancellationToken);
    }

    /// <summary>Prints the releases that a filter lets through.</summary>
    public static async Task PrintAsync(
        Session session, ListReleasesRequest filter, bool isJson, Terminal terminal, CancellationToken cancellationToken)
    {
        List<ReleaseLine> lines = [];
        await foreach (var release in ListAsync(session, filter, cancellationToken))
            lines.Add(Line(release));
        if (isJson)
        {
            terminal.WriteJson(new ReleaseList(lines), AdminJson.Default.ReleaseList);
            return;
        }

        var table = new TextTable("product", "platform", "version", "counter", "published", "files", "size", "added", "channels",
            "anchor since");
        foreach (var line in lines)
        {
            table.Add(line.Product, line.Platform, line.Version, line.Counter.ToString(CultureInfo.InvariantCulture),
                Printable.Time(line.PublishedUnixSeconds), line.Files.ToString(CultureInfo.InvariantCulture),
                Printable.Bytes(line.LogicalBytes), Printable.Bytes(line.NewStoredBytes), string.Join(' ', line.Channels),
                line.AnchoredUnixSeconds == 0 ? "" : Printable.Time(line.AnchoredUnixSeconds));
        }

        table.WriteTo(terminal);
    }

    /// <summary>All releases that a filter lets through, page by page.</summary>
    public static async IAsyncEnumerable<Release> ListAsync(Session session, ListReleasesRequest filter,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = filter.Clone();
        do
        {
            var page = await session.Releases.ListReleasesAsync(request, cancellationToken: cancellationToken);
            foreach (var release in page.Releases)
                yield return release;
            request.PageToken = page.NextPageToken;
        }
        while (request.PageToken.Length > 0);
    }

    /// <summary>The one release of a version.</summary>
    /// <exception cref="ChunkOtaException">
    /// <c>VERSION_UNKNOWN</c>; <c>USAGE</c>: it is there for several platforms and none was named.
    /// </exception>
    public static async Task<Release> FindAsync(
        Session session, string product, string version, string? platform, CancellationToken cancellationToken)
    {
        Names.CheckProduct(product);
        ReleaseVersion.Parse(version);
        var filter = new ListReleasesRequest { Product = product, Version = version, Platform = platform ?? "" };
        List<Release> found = [];
        await foreach (var release in ListAsync(session, filter, cancellationToken))
            found.Add(release);
        return found switch
        {
            [var only] => only,
            [] => throw new ChunkOtaException(ErrorCodes.VersionUnknown, $"{product} has no release {version}"),
            _ => throw new ChunkOtaException(ErrorCodes.Usage,
                $"{product} {version} is there for {string.Join(", ", found.Select(release => release.Platform))}: name one by --platform"),
        };
    }

    /// <summary>A release as it is shown.</summary>
    public static ReleaseLine Line(Release release) => new(
        release.Product, release.Platform, release.Version, release.Counter, release.PublishedUnixSeconds,
        Convert.ToHexStringLower(release.Manifest.Digest.Span), [.. release.Channels], release.AnchoredUnixSeconds,
        release.Totals.Files, release.Totals.LogicalBytes, release.Totals.Chunks, release.Totals.DistinctChunks,
        release.Totals.NewChunks, release.Totals.NewPlainBytes, release.Totals.NewStoredBytes);
}

/// <summary>What <c>releases --json</c> and <c>anchors list --json</c> answer.</summary>
internal sealed record ReleaseList(IReadOnlyList<ReleaseLine> Releases);

/// <summary>A release: what it weighs and what it added to the store.</summary>
internal sealed record ReleaseLine(string Product, string Platform, string Version, ulong Counter, long PublishedUnixSeconds,
    string ManifestDigest, IReadOnlyList<string> Channels, long AnchoredUnixSeconds, ulong Files, ulong LogicalBytes,
    ulong Chunks, ulong DistinctChunks, ulong NewChunks, ulong NewPlainBytes, ulong NewStoredBytes);
