using System.CommandLine;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>releases</c>: what was published.</summary>
internal sealed class ReleasesVerb : AdminVerb
{
    private readonly ReleaseFilter _filter = new();

    public ReleasesVerb(AdminContext context) : base(context, "releases", "Lists releases, the newest first.",
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
        Session session, ListReleasesRequest filter, bool isJson, Terminal terminal,
        CancellationToken cancellationToken)
    {
        List<ReleaseLine> lines = [];
        await foreach (var release in PublishedReleases.ListAsync(session, filter, cancellationToken))
            lines.Add(ReleaseLine.Of(release));
        if (isJson)
        {
            if (filter.OnlyAnchors)
                terminal.WriteJson(new AnchorList(lines), AdminJson.Default.AnchorList);
            else
                terminal.WriteJson(new ReleaseList(lines), AdminJson.Default.ReleaseList);
            return;
        }

        var table = new TextTable(
            "product", "platform", "version", "counter", "published", "files", "size", "added", "channels",
            "anchor since", "withdrawn");
        foreach (var line in lines)
        {
            table.Add(line.Product, line.Platform, ReleaseVersion.Describe(line.Version, line.Build),
                line.Counter.ToString(CultureInfo.InvariantCulture),
                Printable.Time(line.PublishedUnixSeconds), line.Files.ToString(CultureInfo.InvariantCulture),
                Printable.Bytes(line.LogicalBytes), Printable.Bytes(line.NewStoredBytes),
                string.Join(' ', line.Channels),
                line.AnchoredUnixSeconds is { } since ? Printable.Time(since) : "",
                line.WithdrawnUnixSeconds is null ? "" : line.WithdrawalReason is { Length: > 0 } why ? why : "yes");
        }

        table.WriteTo(terminal);
    }
}
