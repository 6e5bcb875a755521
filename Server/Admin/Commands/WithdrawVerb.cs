using System.CommandLine;

namespace ChunkOta.Admin;

/// <summary><c>withdraw</c>: forbids a release.</summary>
internal sealed class WithdrawVerb : AdminVerb
{
    private readonly EnvironmentArgument _product = EnvironmentArgument.Product();

    private readonly Argument<string> _version = new("VERSION") { Description = "The version to withdraw." };

    private readonly Option<string?> _platform = new Option<string?>("--platform")
    {
        Description = "Only on this platform; without it, on all platforms of the version.",
        HelpName = "RID",
    }.FromEnvironment("OTA_PLATFORM");

    private readonly Option<string> _reason = new("--reason")
    {
        Description = "Why, for people: 'releases' and 'show' say it.",
        HelpName = "TEXT",
        Required = true,
    };

    private readonly KeyOptions _keys = new("The folder with root.json and channel.key; release.key is not needed.");

    private readonly Option<TimeSpan> _pointerLife = PublishVerb.PointerLifeOption();

    public WithdrawVerb(AdminContext context) : base(context, "withdraw",
        "Withdraws a release: every channel of its platforms says so, signed, and no device installs it until it is "
        + "reinstated. A device that runs it says so and upgrades. A release that is current in a channel is refused: "
        + "move the channel first, by promote or rerelease.",
        "ota-admin withdraw app 1.4.1 --reason \"loses settings\" --keys keys")
    {
        Add(_product);
        Add(_version);
        Add(_platform);
        Add(_reason);
        _keys.AddTo(this);
        Add(_pointerLife);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var goal = new WithdrawalGoal
        {
            Product = parsed.GetRequiredValue(_product),
            Version = parsed.GetRequiredValue(_version),
            Platform = parsed.GetValue(_platform),
            Reason = parsed.GetRequiredValue(_reason),
            KeysDirectory = _keys.Directory(parsed),
            PointerLife = parsed.GetValue(_pointerLife),
        };
        goal.Check();
        using var keys = PublisherKeys.Open(
            await _keys.ReadAsync(parsed, Terminal, cancellationToken), goal.Product, needsRelease: false,
            Clock.GetUtcNow());
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var warnings = await SigningWarnings.FindAsync(
            session, keys.Root, goal.Product, Clock.GetUtcNow(), cancellationToken);
        var platforms = await new Withdraw(session, goal, keys, Clock).RunAsync(cancellationToken);
        if (IsJson(parsed))
        {
            Terminal.WriteJson(
                new WithdrawalReport(goal.Product, goal.Version, goal.Reason, platforms, warnings),
                AdminJson.Default.WithdrawalReport);
            return;
        }

        foreach (var platform in platforms)
        {
            var what = platform.AlreadyWithdrawn ? "was withdrawn already" : "is withdrawn";
            Terminal.WriteLine(
                $"{goal.Product} {goal.Version} {platform.Platform} {what} (channels: "
                + $"{string.Join(' ', platform.Channels)})");
        }

        Warn(warnings);
    }
}
