using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary><c>channels renew</c>: renews a channel's pointer.</summary>
internal sealed class ChannelsRenewVerb : AdminVerb
{
    private readonly EnvironmentArgument _product = EnvironmentArgument.Product();

    private readonly EnvironmentArgument _channel = EnvironmentArgument.Channel();

    private readonly Option<string> _platform = new Option<string>("--platform")
    {
        Description = "Such as linux-x64, or any.",
        HelpName = "RID",
        Required = true,
    }.FromEnvironment("OTA_PLATFORM");

    private readonly KeyOptions _keys = new("The folder with root.json and channel.key; release.key is not needed.");

    private readonly Option<TimeSpan> _pointerLife = PublishVerb.PointerLifeOption();

    private readonly Option<string?> _removedKey = new Option<string?>("--removed-key")
    {
        Description = "After 'keys rotate channel': whether what the removed key demanded stands (withdrawals, a "
            + "floor, a candidate), on all channels of the platform. Drop it if that key was stolen.",
    }.OneOf("keep", "drop");

    public ChannelsRenewVerb(AdminContext context) : base(context, "renew",
        "Signs a channel's pointer anew, naming the same release: run it daily, or devices will stop installing.",
        "ota-admin channels renew app stable --platform linux-x64 --keys keys",
        "# The channel key was stolen, and 'keys rotate channel' has removed it:",
        "ota-admin channels renew app stable --platform linux-x64 --keys keys --removed-key drop")
    {
        Add(_product);
        Add(_channel);
        Add(_platform);
        _keys.AddTo(this);
        Add(_pointerLife);
        Add(_removedKey);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var goal = new RenewalGoal
        {
            Product = parsed.GetRequiredValue(_product),
            Platform = parsed.GetRequiredValue(_platform),
            Channel = parsed.GetRequiredValue(_channel),
            PointerLife = parsed.GetValue(_pointerLife),
            DropsDemands = parsed.GetValue(_removedKey) is { } choice ? choice == "drop" : null,
        };
        Names.CheckProduct(goal.Product);
        using var keys = PublisherKeys.Open(
            await _keys.ReadAsync(parsed, Terminal, cancellationToken), goal.Product, needsRelease: false,
            Clock.GetUtcNow());
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var warnings = await SigningWarnings.FindAsync(
            session, keys.Root, goal.Product, Clock.GetUtcNow(), cancellationToken);
        var line = await new Renewal(session, goal, keys, Clock).RunAsync(warnings, cancellationToken);
        if (IsJson(parsed))
        {
            Terminal.WriteJson(line, AdminJson.Default.RenewedChannel);
            return;
        }
        Terminal.WriteLine(
            $"renewed {line.Product} {line.Platform} {string.Join(' ', line.AlsoRenewed.Prepend(line.Channel))} "
            + $"({line.Version}) until {Printable.Time(line.ExpiresUnixSeconds)}");
        Warn(line.Warnings);
    }
}
