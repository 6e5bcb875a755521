using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ChunkOta.Cli;
using ChunkOta.Durable;
using ChunkOta.Protos;
using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary><c>reindex</c>: rebuilds a lost catalogue from the objects.</summary>
internal sealed class ReindexVerb : ServerVerb
{
    private const int MaxRootBytes = 1024 * 1024;

    /// <summary>The parts of a catalogue that no object has, and how each comes back.</summary>
    private static readonly (string What, string Next)[] NotRebuilt =
    [
        ("tokens", "a new admin token is in admin.token; make the others with ota-admin tokens create"),
        ("devices and their reports",
            "ota-agent trust --install-token TOKEN, with a new token; what a device trusts stays"),
        ("anchors", "ota-admin anchors add"),
        ("quotas and retention", "ota-admin products quota, ota-admin channels keep"),
        ("deltas", "the server builds them again"),
        ("deleted releases and channels", "those whose objects were still there are back: delete them again"),
        ("products without a release", "ota-admin products create"),
    ];

    private readonly SettingsOptions _settings = new();

    private readonly Option<string[]> _roots = new("--root")
    {
        Description = "The newest trust root of a product, from its publisher's key folder, if the store does not have "
            + "it; the roots before it are read from root.N.json beside it.",
        HelpName = "PRODUCT=FILE",
    };

    private readonly Option<bool> _replace = new("--replace")
    {
        Description = "Rebuild a catalogue that is in the data folder; the old one is kept as "
            + "catalogue.db.replaced-TIME.",
    };

    public ReindexVerb(VerbContext context) : base(context, "reindex",
        "Rebuilds a lost catalogue from the objects if there is no backup of it: in the data folder, or in an empty "
        + "PostgreSQL database. The server must be stopped. Products with their trust roots, releases and channels "
        + "come back, each document verified. What was in the catalogue alone does not: tokens (a new admin token is "
        + "made), devices (enrol them again; what they trust stays), reports, anchors, quotas and retention.",
        "ota-server reindex --data /var/lib/chunkota",
        "ota-server reindex --data /var/lib/chunkota --root app=keys/root.json --replace")
    {
        _settings.AddTo(this);
        Add(_roots);
        Add(_replace);
    }

    protected override bool IsChange => true;

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = _settings.Load(parsed);
        Dictionary<string, IReadOnlyList<VerifiedRoot>> roots = [];
        foreach (var option in parsed.GetValue(_roots) ?? [])
        {
            var (product, chain) = ReadRoots(option);
            roots[product] = chain;
        }

        using var data = DataFolder.Open(settings.Data);
        ICatalogueRebuild rebuild = settings.Catalogue.IsInDataFolder()
            ? new FolderRebuild(data, parsed.GetValue(_replace))
            : new DatabaseRebuild(settings.Catalogue.ToDatabase());
        var report = await BuildAsync(settings, data, rebuild, roots, cancellationToken);
        var kept = rebuild.Complete();
        if (IsJson(parsed))
            Terminal.Out.WriteLine(ToJson(report, kept).ToJsonString());
        else
            Write(report, kept);
    }

    private async Task<ReindexReport> BuildAsync(
        ServerSettings settings, DataFolder data, ICatalogueRebuild rebuild,
        Dictionary<string, IReadOnlyList<VerifiedRoot>> roots, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        await using var catalogue = await rebuild.BeginAsync(cancellationToken);
        var objects = await StoreOpening.OpenObjectsAsync(settings.Objects, data, clock, cancellationToken);
        using var connections = objects as IDisposable;
        using var store = new Store(
            catalogue, objects, ServerParts.StoreOptionsOf(settings, data.MakeScratchFolder(), clock));
        var limits = new ManifestLimits(settings.Limits.ManifestBytes, settings.Limits.ManifestEntries);
        var report = await new Reindexer(
            catalogue, objects, store, limits, settings.Store.IsolatesProducts())
            .RunAsync(roots, new StepLines(Terminal.Error), cancellationToken);
        await new ObjectBinding(catalogue, objects).TakeOverAsync(cancellationToken);
        _ = await AdminToken.AddAsync(data, catalogue.Identities, clock);
        return report;
    }

    private static (string Product, IReadOnlyList<VerifiedRoot> Chain) ReadRoots(string option)
    {
        if (option.Split('=', 2) is not [{ Length: > 0 } product, { Length: > 0 } file])
            throw new ChunkOtaException(ErrorCodes.Usage, $"'{option}' is not PRODUCT=FILE");
        Names.CheckProduct(product);
        var newest = VerifiedRoot.SelfSigned(Read(file));
        List<VerifiedRoot> chain = [];
        for (ulong version = 1; version < newest.Version; version++)
        {
            var path = Path.Combine(
                Path.GetDirectoryName(file) ?? "", string.Create(CultureInfo.InvariantCulture, $"root.{version}.json"));
            chain.Add(chain.Count == 0
                ? VerifiedRoot.SelfSigned(Read(path))
                : VerifiedRoot.Next(Read(path), chain[^1]));
        }

        chain.Add(chain.Count == 0 ? newest : VerifiedRoot.Next(newest.Envelope, chain[^1]));
        return (product, chain);
    }

    private static Envelope Read(string path) => SignedDocument.FromJson(
        DurableFile.FindBytes(path, MaxRootBytes) ?? throw new ChunkOtaException(
            ErrorCodes.RootInvalid, $"no trust root at {path}: ask the product's publisher for root.json"));

    private void Write(ReindexReport report, string? kept)
    {
        Terminal.WriteLine(
            $"rebuilt: {Printable.Count(report.Releases, "release")} of {Printable.Count(report.Products, "product")}, "
            + $"{Printable.Count(report.Chunks, "chunk")} in {Printable.Count(report.Packs, "pack")}, "
            + $"{Printable.Count(report.Recipes, "recipe")}");
        foreach (var channel in report.Channels)
            Terminal.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"channel: {channel.Product} {channel.Name} ({channel.Platform}) is at {channel.Version}, seq "
                + $"{channel.Seq}, until {channel.Expires:yyyy-MM-dd}"));
        foreach (var name in report.Damaged) Terminal.WriteLine($"left out, damaged: {name}");
        foreach (var left in report.LeftOut)
            Terminal.WriteLine($"left out: {left.Name}{(left.Of.Length > 0 ? " " : "")}{left.Of}: {left.Why}");
        if (kept is not null) Terminal.WriteLine($"the old catalogue is {kept}");
        Terminal.WriteLine("not rebuilt, and what to do:");
        foreach (var (what, next) in NotRebuilt) Terminal.WriteLine($"  {what}: {next}");
    }

    private static JsonObject ToJson(ReindexReport report, string? kept) => new()
    {
        ["packs"] = report.Packs,
        ["chunks"] = report.Chunks,
        ["recipes"] = report.Recipes,
        ["products"] = report.Products,
        ["releases"] = report.Releases,
        ["channels"] = new JsonArray(
        [
            .. report.Channels.Select(channel => (JsonNode)new JsonObject
            {
                ["product"] = channel.Product,
                ["platform"] = channel.Platform,
                ["channel"] = channel.Name,
                ["seq"] = channel.Seq,
                ["version"] = channel.Version,
                ["expires"] = channel.Expires.ToUnixTimeSeconds(),
            }),
        ]),
        ["damaged"] = new JsonArray([.. report.Damaged.Select(name => (JsonNode)name.ToString())]),
        ["left_out"] = new JsonArray(
        [
            .. report.LeftOut.Select(left => (JsonNode)new JsonObject
            {
                ["object"] = left.Name.ToString(),
                ["of"] = left.Of,
                ["why"] = left.Why,
            }),
        ]),
        ["not_rebuilt"] = new JsonArray([.. NotRebuilt.Select(one => (JsonNode)one.What)]),
        ["replaced"] = kept,
    };

    /// <summary>A line for each step.</summary>
    private sealed class StepLines(TextWriter error) : IProgress<string>
    {
        public void Report(string value) => error.WriteLine(value);
    }
}
