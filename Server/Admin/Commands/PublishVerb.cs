using System.CommandLine;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Durable;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>publish</c>: makes a tree a release and a channel's current one.</summary>
internal sealed class PublishVerb : AdminVerb
{
    private const int MaxNotesBytes = 64 * 1024;

    private readonly Argument<string> _directory = new("DIR") { Description = "The tree to publish." };

    private readonly Option<string> _product = Needed("--product", "NAME", "The product.", "-p")
        .FromEnvironment("OTA_PRODUCT");

    private readonly Option<string> _version = Needed(
        "--version", "V",
        "SemVer 2, such as 1.4.0-rc.1; build metadata (1.4.0+b5) is stored but does not tell releases apart.");

    private readonly Option<string> _platform = Needed("--platform", "RID", "Such as linux-x64, or any.")
        .FromEnvironment("OTA_PLATFORM");

    private readonly Option<string> _channel = Needed(
        "--channel", "NAME", "The channel whose current release it becomes.").FromEnvironment("OTA_CHANNEL");

    private readonly KeyOptions _keys = new(
        "The folder that 'keys init' made: root.json, release.key, channel.key.");

    private readonly Option<string> _links = new Option<string>("--links")
    {
        Description = "Symbolic links that leave the tree or point nowhere: refuse them, or keep them as they are.",
        DefaultValueFactory = _ => "refuse",
    }.OneOf("refuse", "keep");

    private readonly Option<string> _portable = new Option<string>("--portable")
    {
        Description = "Refuse paths that some operating system cannot hold.",
        DefaultValueFactory = _ => "on",
    }.OneOf("on", "off");

    private readonly Option<string[]> _excludes = new("--exclude")
    {
        Description =
            "Leave out what matches, by the rules of gitignore, beside what .otaignore files in the tree leave out. "
            + "May be given again.",
        HelpName = "GLOB",
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _mutable = new("--mutable")
    {
        Description =
            "What matches may be changed, added or removed on devices, by the rules of gitignore from the top of the "
            + "tree: it never counts as damage there. May be given again.",
        HelpName = "GLOB",
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<long?> _limitUpload = new("--limit-upload")
    {
        Description = "The most bytes to send in a second, such as 2MB/s; at least 10kB/s.",
        HelpName = "RATE",
        CustomParser = OptionParsers.Rate,
    };

    private readonly Option<bool> _allowOlder = new("--allow-older")
    {
        Description = "The version need not be greater than the channel's others. To go back to a release that is "
            + "published already, use rerelease.",
    };

    private readonly Option<bool> _allowEmpty = new("--allow-empty")
    {
        Description = "The tree may have no files.",
    };

    private readonly Option<bool> _allowShrink = new("--allow-shrink")
    {
        Description = "The tree may have less than half the files or bytes of the channel's current release (before "
            + "the channel's first: of the platform's newest).",
    };

    private readonly Option<bool> _createChannel = new("--create-channel")
    {
        Description = "Create the channel if the product does not have it.",
    };

    private readonly Option<bool> _newPlatform = new("--new-platform")
    {
        Description = "The product may have no release for the platform yet.",
    };

    private readonly Option<bool> _afterRestore = new("--after-restore")
    {
        Description = "The server was restored from a backup: go on with numbers that exceed all that devices may have "
            + "seen. Once for each product and platform.",
    };

    private readonly Option<bool> _hold = new("--hold")
    {
        Description = "Only store the release: the channel stays where it is until 'promote' moves it. Deltas are "
            + "built meanwhile.",
    };

    private readonly Option<TimeSpan> _waitDeltas = WaitDeltasOption();

    private readonly Option<string?> _notes = new("--notes")
    {
        Description = "What is new, for people: a text file of at most 64 KiB.",
        HelpName = "FILE",
    };

    private readonly Option<ulong> _floor = new("--floor")
    {
        Description = "Devices that have this release never go back below this counter.",
        HelpName = "N",
    };

    private readonly Option<TimeSpan> _pointerLife = PointerLifeOption();

    private readonly Option<int> _level = new Option<int>("--level")
    {
        Description = "How hard chunks are compressed: 1 (fast) to 19 (small).",
        HelpName = "N",
        DefaultValueFactory = _ => 9,
    }.Between(1, 19);

    private readonly Option<IReadOnlyList<ForecastLimit>> _failIf = new("--fail-if")
    {
        Description =
            "Publish nothing (exit 11) where the forecast for the channel's devices is over a limit: FIGURE>BYTES, "
            + "FIGURE being p50 or p95 (what a device downloads), egress (all of them) or disk (disk space needed). "
            + "May be "
            + "given again.",
        HelpName = "LIMIT",
        CustomParser = ForecastLimit.Parse,
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = _ => [],
    };

    private readonly Option<IReadOnlyList<FleetShare>> _from = FleetOption.Create();

    private readonly Option<bool> _dryRun = new("--dry-run", "-n")
    {
        Description =
            "Publish nothing: check everything and say what would be sent. With --fail-if the chunks are sent, because "
            + "deltas are measured on the server.",
    };

    public PublishVerb(AdminContext context) : base(context, "publish",
        "Publishes a tree: sends what the server lacks, signs the release and makes it the channel's current one. "
        + "Publishing the same content again is fine.",
        "# What CI runs after a build; the token and the server come from OTA_TOKEN and OTA_SERVER.",
        "ota-admin publish out --product app --version 1.4.0 --platform linux-x64 --channel stable --keys keys",
        "# Keep links as they are, and say the result as JSON.",
        "ota-admin publish out --product app --version 1.4.1 --platform linux-x64 --channel beta --keys keys --links "
        + "keep --json",
        "# Stop in CI what would cost devices too much.",
        "ota-admin publish out --product app --version 1.4.2 --platform linux-x64 --channel stable --keys keys "
        + "--fail-if \"p95>200MB\"",
        "# The first release for another platform, and of another channel.",
        "ota-admin publish out-arm --product app --version 1.4.2 --platform linux-arm64 --channel beta --keys keys "
        + "--new-platform --create-channel",
        "# Leave out debug symbols, at 2 MB a second.",
        "ota-admin publish out --product app --version 1.4.2+b5 --platform linux-x64 --channel stable --keys keys "
        + "--exclude \"*.pdb\" --limit-upload 2MB/s",
        "# The first device already downloads the small delta.",
        "ota-admin publish out --product app --version 1.4.3 --platform linux-x64 --channel stable --keys keys "
        + "--wait-deltas",
        "# How much would be sent?",
        "ota-admin publish out --product app --version 1.5.0 --platform linux-x64 --channel beta --keys keys --dry-run")
    {
        Add(_directory);
        Add(_product);
        Add(_version);
        Add(_platform);
        Add(_channel);
        _keys.AddTo(this);
        Add(_links);
        Add(_portable);
        Add(_excludes);
        Add(_mutable);
        Add(_allowOlder);
        Add(_allowEmpty);
        Add(_allowShrink);
        Add(_createChannel);
        Add(_newPlatform);
        Add(_afterRestore);
        Add(_hold);
        Add(_waitDeltas);
        Add(_notes);
        Add(_floor);
        Add(_pointerLife);
        Add(_level);
        Add(_limitUpload);
        Add(_failIf);
        Add(_from);
        Add(_dryRun);
        Validators.Add(result =>
        {
            if (result.GetValue(_hold) && result.GetResult(_waitDeltas) is not null)
                result.AddError("--hold and --wait-deltas exclude each other");
        });
    }

    /// <summary><c>--wait-deltas</c>, which promoting takes, too.</summary>
    public static Option<TimeSpan> WaitDeltasOption() => new(OptionParsers.WaitDeltas)
    {
        Description = "Move the channel when the deltas that its devices need are built, so that the first device "
            + "already downloads the small upgrade. It waits 30m at most; --wait-deltas=SPAN sets another limit.",
        HelpName = "SPAN",
        CustomParser = Durations.Parse,
    };

    /// <summary><c>--pointer-life</c>, which renewing takes, too.</summary>
    public static Option<TimeSpan> PointerLifeOption() => new("--pointer-life")
    {
        Description = "How long devices may act on the channel's pointer; it is to be renewed before.",
        HelpName = "SPAN",
        CustomParser = Durations.Parse,
        DefaultValueFactory = _ => PointerDocuments.DefaultLife,
    };

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = Read(parsed);
        options.Check();
        using var keys = PublisherKeys.Open(
            await _keys.ReadAsync(parsed, Terminal, cancellationToken), options.Product, needsRelease: true,
            Clock.GetUtcNow());
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        if (options.UploadLimit is { } limit)
            session.Meter.LimitUp(limit, Clock);
        var report = await PublishProgress.ShowAsync(
            Terminal, Diagnostics(parsed), Clock,
            progress => PublishAsync(session, options, keys, progress, cancellationToken));
        report = report with
        {
            WireBytesUp = session.Meter.Up,
            WireBytesDown = session.Meter.Down,
            CpuSeconds = ProcessFigures.CpuSeconds,
            PeakRssBytes = ProcessFigures.PeakRssBytes,
        };
        if (IsJson(parsed))
        {
            Terminal.WriteJson(report, AdminJson.Default.PublishReport);
            return;
        }
        WriteSummary(report);
        Warn(report.Warnings);
    }

    /// <summary>Publishes; with <c>--wait-deltas</c> the channel moves when its devices' deltas are there.</summary>
    private async Task<PublishReport> PublishAsync(
        Session session, PublishOptions options, PublisherKeys keys, IPublishProgress progress,
        CancellationToken cancellationToken)
    {
        var report = await new Publisher(session, options, keys, progress, Clock).RunAsync(cancellationToken);
        if (options.IsDryRun || options.DeltaPatience is not { } patience)
            return report;
        var goal = new PromotionGoal
        {
            Product = options.Product,
            Version = options.Version,
            Platform = options.Platform,
            Channel = options.Channel,
            KeysDirectory = options.KeysDirectory,
            AllowsOlder = options.AllowsOlder,
            CreatesChannel = options.CreatesChannel,
            PointerLife = options.PointerLife,
        };
        var promotion = new Promotion(session, goal, keys, Clock);
        var deltas = await promotion.WaitAsync(patience, progress, cancellationToken);
        await promotion.RunAsync(cancellationToken);
        return report with { Held = false, Deltas = WaitedDeltas.Of(deltas) };
    }

    private static Option<string> Needed(
        string name, string value, string description, params string[] aliases) => new(name, aliases)
        {
            Description = description,
            HelpName = value,
            Required = true,
        };

    private PublishOptions Read(ParseResult parsed)
    {
        var version = ReleaseVersion.ParseWithBuild(parsed.GetRequiredValue(_version), out var build);
        return Read(parsed, version, build);
    }

    private PublishOptions Read(ParseResult parsed, ReleaseVersion version, string build) => new()
    {
        Directory = parsed.GetRequiredValue(_directory),
        Product = parsed.GetRequiredValue(_product),
        Version = version.ToString(),
        Build = build,
        Platform = parsed.GetRequiredValue(_platform),
        Channel = parsed.GetRequiredValue(_channel),
        KeysDirectory = _keys.Directory(parsed),
        Excludes = parsed.GetValue(_excludes) ?? [],
        Mutable = parsed.GetValue(_mutable) ?? [],
        UploadLimit = parsed.GetValue(_limitUpload),
        KeepsLinks = parsed.GetValue(_links) == "keep",
        IsPortable = parsed.GetValue(_portable) == "on",
        AllowsOlder = parsed.GetValue(_allowOlder),
        AllowsEmpty = parsed.GetValue(_allowEmpty),
        AllowsShrink = parsed.GetValue(_allowShrink),
        CreatesChannel = parsed.GetValue(_createChannel),
        AddsPlatform = parsed.GetValue(_newPlatform),
        IsAfterRestore = parsed.GetValue(_afterRestore),
        Holds = parsed.GetValue(_hold),
        DeltaPatience = parsed.GetResult(_waitDeltas) is null ? null : parsed.GetValue(_waitDeltas),
        Notes = parsed.GetValue(_notes) is { } file ? ReadNotes(file) : "",
        Floor = parsed.GetValue(_floor),
        PointerLife = parsed.GetValue(_pointerLife),
        Level = parsed.GetValue(_level),
        Limits = parsed.GetValue(_failIf) ?? [],
        Fleet = parsed.GetValue(_from) ?? [],
        IsDryRun = parsed.GetValue(_dryRun),
    };

    private static string ReadNotes(string path)
    {
        var bytes = DurableFile.FindBytes(path, MaxNotesBytes)
            ?? throw new ChunkOtaException(ErrorCodes.Usage, $"there is no file '{path}' of notes");
        return PlainText.Read(bytes, path);
    }

    private static string Excluded(PublishReport report) => report.Excluded > 0 ? $", {report.Excluded} excluded" : "";

    private void WriteSummary(PublishReport report)
    {
        if (report.DryRun)
        {
            report.Forecast?.WriteTo(Terminal);
            var sends = report.Forecast is null ? "would send" : "sent";
            Terminal.WriteLine(
                $"{sends} {report.NewChunks} new chunks, {Printable.Bytes(report.NewPlainBytes)} before compression; "
                + "published nothing");
            return;
        }

        Terminal.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Printable.Count(report.Files, "file")}, {Printable.Bytes(report.LogicalBytes)}{Excluded(report)}: "
            + $"{report.NewChunks} of {Printable.Count(report.DistinctChunks, "chunk")} new, "
            + $"{Printable.Bytes(report.NewPlainBytes)} stored as {Printable.Bytes(report.NewStoredBytes)}, "
            + $"{Printable.Bytes(report.ReusedPlainBytes)} reused, {Printable.Bytes(report.WireBytesUp)} sent"));
        report.Forecast?.WriteTo(Terminal);
        var what = report.AlreadyPublished ? "already published" : "published";
        var where = report.Held ? "held" : $"on {report.Channel}";
        Terminal.WriteLine(
            $"{what} {report.Product} {ReleaseVersion.Describe(report.Version, report.Build)} {report.Platform} "
            + $"{where} (counter {report.Counter})");
        if (report.Held)
        {
            Terminal.WriteLine(
                $"{report.Channel} was not moved: ota-admin promote {report.Product} {report.Version} --to "
                + $"{report.Channel} moves it");
        }
    }
}
