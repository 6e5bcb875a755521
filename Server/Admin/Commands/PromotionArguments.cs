using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary>The arguments by which a verb is told which channel to move to which release.</summary>
internal sealed class PromotionArguments(string versionDescription)
{
    private readonly EnvironmentArgument _product = EnvironmentArgument.Product();

    private readonly Argument<string> _version = new("VERSION") { Description = versionDescription };

    private readonly Option<string> _to = new Option<string>("--to")
    {
        Description = "The channel to move.",
        HelpName = "CHANNEL",
        Required = true,
    }.FromEnvironment("OTA_CHANNEL");

    private readonly Option<string?> _platform = new Option<string?>("--platform")
    {
        Description = "Only this platform; without it, all platforms of the version.",
        HelpName = "RID",
    }.FromEnvironment("OTA_PLATFORM");

    private readonly KeyOptions _keys = new("The folder with root.json and the keys.");

    private readonly Option<bool> _createChannel = new("--create-channel")
    {
        Description = "Create the channel if the product does not have it.",
    };

    private readonly Option<TimeSpan> _pointerLife = PublishVerb.PointerLifeOption();

    public void AddTo(Command command)
    {
        command.Add(_product);
        command.Add(_version);
        command.Add(_to);
        command.Add(_platform);
        _keys.AddTo(command);
        command.Add(_createChannel);
        command.Add(_pointerLife);
    }

    /// <summary>The source of the keys.</summary>
    public Task<KeySource> ReadKeysAsync(
        ParseResult parsed, Terminal terminal, CancellationToken cancellationToken) =>
        _keys.ReadAsync(parsed, terminal, cancellationToken);

    /// <summary>The release and the channel.</summary>
    public PromotionGoal Read(ParseResult parsed) => new()
    {
        Product = parsed.GetRequiredValue(_product),
        Version = parsed.GetRequiredValue(_version),
        Platform = parsed.GetValue(_platform),
        Channel = parsed.GetRequiredValue(_to),
        KeysDirectory = _keys.Directory(parsed),
        CreatesChannel = parsed.GetValue(_createChannel),
        PointerLife = parsed.GetValue(_pointerLife),
    };
}
