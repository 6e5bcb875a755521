using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>forecast</c>: what a release costs its fleet.</summary>
internal sealed class ForecastVerb : AdminVerb
{
    private readonly EnvironmentArgument _product = EnvironmentArgument.Product();

    private readonly Argument<string> _version =
        new("VERSION") { Description = "The release that devices are to get." };

    private readonly Option<string?> _platform = new Option<string?>("--platform")
    {
        Description = "Needed where the version is there for more than one.",
        HelpName = "RID",
    }.FromEnvironment("OTA_PLATFORM");

    private readonly Option<string?> _channel = new Option<string?>("--channel")
    {
        Description = "Count only devices of this channel.",
        HelpName = "NAME",
    }.FromEnvironment("OTA_CHANNEL");

    private readonly Option<IReadOnlyList<FleetShare>> _from = FleetOption.Create();

    public ForecastVerb(AdminContext context) : base(context, "forecast",
        "Forecasts what a release costs: each version that devices run, by chunks and by delta; p50 and p95 of what "
        + "a device "
        + "downloads, the sum, and the disk space that it needs. 'publish --fail-if' does the same before a release is "
        + "visible.",
        "ota-admin forecast app 1.4.1",
        "# No devices yet: 900 on 1.4.0, 100 that install it for the first time.",
        "ota-admin forecast app 1.4.1 --from 1.4.0=900 --from none=100 --json")
    {
        Add(_product);
        Add(_version);
        Add(_platform);
        Add(_channel);
        Add(_from);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var release = await PublishedReleases.FindAsync(
            session, parsed.GetRequiredValue(_product), parsed.GetRequiredValue(_version), parsed.GetValue(_platform),
            cancellationToken);
        var forecast = await session.Releases.ForecastAsync(
            new ForecastRequest
            {
                ManifestDigest = release.Manifest.Digest,
                Channel = parsed.GetValue(_channel) ?? "",
                Fleet = { parsed.GetValue(_from) ?? [] },
            },
            cancellationToken: cancellationToken);
        var report = ForecastReport.Of(release.Product, release.Version, release.Platform, forecast);
        if (IsJson(parsed))
            Terminal.WriteJson(report, AdminJson.Default.ForecastReport);
        else
            report.WriteTo(Terminal);
    }
}
