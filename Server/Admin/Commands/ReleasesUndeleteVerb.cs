using System.CommandLine;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>releases undelete</c>: brings a deleted release back.</summary>
internal sealed class ReleasesUndeleteVerb : AdminVerb
{
    private readonly EnvironmentArgument _product = EnvironmentArgument.Product();

    private readonly Argument<string> _version = new("VERSION") { Description = "The version." };

    private readonly Option<string?> _platform = new Option<string?>("--platform")
    {
        Description = "Only for this platform; without it, for all.",
        HelpName = "RID",
    }.FromEnvironment("OTA_PLATFORM");

    public ReleasesUndeleteVerb(AdminContext context) : base(context, "undelete",
        "Makes a deleted release visible again, as long as no collection has given up its content. Needs an admin "
        + "token.",
        "ota-admin releases undelete app 1.4.0",
        "ota-admin releases undelete app 1.4.0 --platform linux-x64 --json")
    {
        Add(_product);
        Add(_version);
        Add(_platform);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var product = parsed.GetRequiredValue(_product);
        Names.CheckProduct(product);
        var version = ReleaseVersion.ParseWithBuild(parsed.GetRequiredValue(_version), out _).ToString();
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var undeleted = await session.Administration.UndeleteReleaseAsync(
            new UndeleteReleaseRequest
            {
                Product = product,
                Version = version,
                Platform = parsed.GetValue(_platform) ?? "",
            },
            cancellationToken: cancellationToken);
        if (IsJson(parsed))
            Terminal.WriteJson(
                new UndeletedRelease(product, version, [.. undeleted.Platforms]), AdminJson.Default.UndeletedRelease);
        else
            Terminal.WriteLine($"{product} {version} is visible again: {string.Join(' ', undeleted.Platforms)}");
    }
}
