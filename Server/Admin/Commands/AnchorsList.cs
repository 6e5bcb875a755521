using System.CommandLine;

namespace ChunkOta.Admin;

/// <summary><c>anchors list</c>: what is pinned.</summary>
internal sealed class AnchorsList : Verb
{
    private readonly ReleaseFilter _filter = new();

    public AnchorsList(VerbContext context) : base(context, "list", "Lists the anchors, the newest release first.",
        "ota-admin anchors list",
        "ota-admin anchors list app --platform linux-x64 --json") => _filter.AddTo(this);

    protected override async Task RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var session = OpenSession(parsed);
        var filter = _filter.Read(parsed);
        filter.OnlyAnchors = true;
        await Releases.PrintAsync(session, filter, IsJson(parsed), Terminal, cancellationToken);
    }
}
