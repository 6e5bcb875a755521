using System.CommandLine;
using System.Globalization;
using ChunkOta.Cli;
using ChunkOta.Durable;
using ChunkOta.Protos.V1;
using Spectre.Console;

namespace ChunkOta.Admin;

/// <summary><c>publish</c>: makes a tree a release and a channel's current one.</summary>
internal sealed class PublishVerb : AdminVerb
{
    private const int MaxNotesBytes = 64 * 1024;

    private readonly Argument<string> _directory = new("DIR") { Description = "The tree to publish." };

    private readonly Option<string> _product = Needed("--product", "NAME", "The product.");

    private readonly Option<string> _version = Needed(
        "--version", "V", "SemVer 2 without build metadata, such as 1.4.0-rc.1.");

    private readonly Option<string> _platform = Needed("--platform", "RID", "Such as linux-x64, or any.");

    private readonly Option<string> _channel = Needed(
        "--channel", "NAME", "The channel whose current release it becomes.");

    private readonly Option<string> _keys = Needed(
        "--keys", "DIR", "The folder that 'keys init' made: root.json, release.key, channel.key.");

    private readonly Option<string> _links = new Option<string>("--links")
    {
        Description = "Symbolic links that leave the tree or point nowhere: refuse them, or keep them as they are.",
        DefaultValueFactory = _ => "refuse",
    }.AcceptOnlyFromAmong("refuse", "keep");

    private readonly Option<string> _portable = new Option<string>("--portable")
    {
        Description = "Refuse paths that some operating system cannot hold.",
        DefaultValueFactory = _ => "on",
    }.AcceptOnlyFromAmong("on", "off");

    private readonly Option<bool> _allowOlder = new("--allow-older")
    {
        Description = "The version need not be greater than the channel's others.",
    };

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

    private readonly Option<int> _level = new("--level")
    {
        Description = "How hard chunks are compressed: 1 (fast) to 19 (small).",
        HelpName = "N",
        DefaultValueFactory = _ => 9,
    };

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

    private readonly Option<bool> _dryRun = new("--dry-run")
    {
        Description = "Only say what would be sent.",
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
        "# How much would be sent?",
        "ota-admin publish out --product app --version 1.5.0 --platform linux-x64 --channel beta --keys keys --dry-run")
    {
        Add(_directory);
        Add(_product);
        Add(_version);
        Add(_platform);
        Add(_channel);
        Add(_keys);
        Add(_links);
        Add(_portable);
        Add(_allowOlder);
        Add(_notes);
        Add(_floor);
        Add(_pointerLife);
        Add(_level);
        Add(_failIf);
        Add(_from);
        Add(_dryRun);
        _level.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 19)
                result.AddError("--level is 1 to 19");
        });
    }

    /// <summary><c>--pointer-life</c>, which renewing takes, too.</summary>
    public static Option<TimeSpan> PointerLifeOption() => new("--pointer-life")
    {
        Description = "How long devices may act on the channel's pointer; it is to be renewed before.",
        HelpName = "SPAN",
        CustomParser = OptionParsers.Duration,
        DefaultValueFactory = _ => ReleaseDocuments.DefaultPointerLife,
    };

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var options = Read(parsed);
        options.Check();
        using var keys = PublisherKeys.Open(
            options.KeysDirectory, options.Product, needsRelease: true, Clock.GetUtcNow());
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var report = await WithProgressAsync(
            progress => new Publisher(session, options, keys, progress, Clock).RunAsync(cancellationToken));
        report = report with
        {
            WireBytesUp = session.Meter.Up,
            WireBytesDown = session.Meter.Down,
            CpuSeconds = ProcessFigures.CpuSeconds,
            PeakRssBytes = ProcessFigures.PeakRssBytes,
        };
        if (IsJson(parsed))
            Terminal.WriteJson(report, AdminJson.Default.PublishReport);
        else
            WriteSummary(report);
    }

    private static Option<string> Needed(string name, string value, string description) => new(name)
    {
        Description = description,
        HelpName = value,
        Required = true,
    };

    private PublishOptions Read(ParseResult parsed) => new()
    {
        Directory = parsed.GetRequiredValue(_directory),
        Product = parsed.GetRequiredValue(_product),
        Version = parsed.GetRequiredValue(_version),
        Platform = parsed.GetRequiredValue(_platform),
        Channel = parsed.GetRequiredValue(_channel),
        KeysDirectory = parsed.GetRequiredValue(_keys),
        KeepsLinks = parsed.GetValue(_links) == "keep",
        IsPortable = parsed.GetValue(_portable) == "on",
        AllowsOlder = parsed.GetValue(_allowOlder),
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
        try
        {
            return new System.Text.UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (ArgumentException)
        {
            throw new ChunkOtaException(ErrorCodes.Usage, $"'{path}' is not UTF-8 text");
        }
    }

    private async Task<PublishReport> WithProgressAsync(Func<IPublishProgress, Task<PublishReport>> run)
    {
        if (!Terminal.IsErrorTerminal)
            return await run(new LineProgress(Terminal.Error));
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Terminal.Error) });
        return await console.Progress()
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(),
                new RemainingTimeColumn())
            .StartAsync(bars => run(new BarProgress(bars)));
    }

    private void WriteSummary(PublishReport report)
    {
        if (report.DryRun)
        {
            Terminal.WriteLine(
                $"would send {report.NewChunks} new chunks, {Printable.Bytes(report.NewPlainBytes)} before "
                + "compression");
            return;
        }

        Terminal.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.Files} files, {Printable.Bytes(report.LogicalBytes)}: {report.NewChunks} of "
            + $"{report.DistinctChunks} chunks new, "
            + $"{Printable.Bytes(report.NewPlainBytes)} stored as {Printable.Bytes(report.NewStoredBytes)}, "
            + $"{Printable.Bytes(report.ReusedPlainBytes)} reused, {Printable.Bytes(report.WireBytesUp)} sent"));
        report.Forecast?.WriteTo(Terminal);
        var what = report.AlreadyPublished ? "already published" : "published";
        Terminal.WriteLine(
            $"{what} {report.Product} {report.Version} {report.Platform} on {report.Channel} (counter "
            + $"{report.Counter})");
    }
}
