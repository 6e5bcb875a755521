using System.CommandLine;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary>
/// The arguments by which a verb is told of one release: product, version and, where it is needed, platform.
/// </summary>
internal sealed class ReleaseName
{
    private readonly EnvironmentArgument _product = EnvironmentArgument.Product();

    private readonly Argument<string> _version = new("VERSION") { Description = "The version." };

    private readonly Option<string?> _platform = new Option<string?>("--platform")
    {
        Description = "Needed where the version is there for more than one.",
        HelpName = "RID",
    }.FromEnvironment("OTA_PLATFORM");

    public void AddTo(Command command)
    {
        command.Add(_product);
        command.Add(_version);
        command.Add(_platform);
    }

    /// <summary>The release that is meant.</summary>
    /// <exception cref="ChunkOtaException">
    /// <c>VERSION_UNKNOWN</c>; <c>USAGE</c>: it is there for several platforms and none was named.
    /// </exception>
    public Task<Release> FindAsync(Session session, ParseResult parsed, CancellationToken cancellationToken) =>
        PublishedReleases.FindAsync(
            session, parsed.GetRequiredValue(_product), parsed.GetRequiredValue(_version), parsed.GetValue(_platform),
            cancellationToken);
}
