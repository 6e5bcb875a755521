using System.CommandLine;

namespace ChunkOta.Admin;

/// <summary><c>anchors list</c>: what is pinned.</summary>
internal sealed class AnchorsListVerb : AdminVerb
{
    private readonly ReleaseFilter _filter = new();

    public AnchorsListVerb(AdminContext context) : base(context, "list", "Lists the anchors, the newest release first.",
        "ota-admin anchors list",
        "ota-admin anchors list app --platform linux-x64 --json") => _filter.AddTo(this);

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var filter = _filter.Read(parsed);
        filter.OnlyAnchors = true;
        await ReleasesVerb.PrintAsync(session, filter, IsJson(parsed), Terminal, cancellationToken);
    }
}
