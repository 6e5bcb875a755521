using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using ChunkOta.Cli;
using ChunkOta.Durable;
using ChunkOta.Protos;
using ChunkOta.Server.Core;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;

namespace ChunkOta.Server;

/// <summary><c>reindex</c>: rebuilds a lost catalogue from the objects.</summary>
internal sealed class ReindexVerb : ServerVerb
{
    private const string RebuildingName = "catalogue.rebuilding.db";
    private const int MaxRootBytes = 1024 * 1024;

    private readonly SettingsOptions _settings = new();

    private readonly Option<string[]> _roots = new("--root")
    {
        Description = "The newest trust root of a product, from its publisher's key folder; the roots before it are "
            + "read from root.N.json beside it. Once for each product: releases of others are left out.",
        HelpName = "PRODUCT=FILE",
    };

    private readonly Option<bool> _replace = new("--replace")
    {
        Description = "Rebuild a catalogue that is there; the old one is kept as catalogue.db.replaced-TIME.",
    };

    public ReindexVerb(VerbContext context) : base(context, "reindex",
        "Rebuilds a lost catalogue from packs and manifests if there is no backup of it. The server must be stopped. "
        + "Chunks, recipes, products and releases come back, each manifest verified against its product's trust root. "
        + "What was in the catalogue alone does not: channels (promote the releases again), tokens (a new admin token "
        + "is made), devices (enrol them again; what they trust stays), reports, anchors and withdrawals.",
        "ota-server reindex --data /var/lib/chunkota --root app=keys/root.json",
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

        if (!settings.Catalogue.IsInDataFolder())
        {
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid,
                "reindex rebuilds a catalogue in the data folder: run it without Catalogue:Postgres");
        }

        using var data = DataFolder.Open(settings.Data);
        CheckReplaceable(data, parsed.GetValue(_replace));
        CatalogueFile.Remove(data, RebuildingName);
        var report = await BuildAsync(settings, data, roots, cancellationToken);
        CatalogueFile.CheckClosed(data, RebuildingName);
        var kept = Install(data);
        if (IsJson(parsed))
            Terminal.Out.WriteLine(ToJson(report, kept).ToJsonString());
        else
            Write(report, kept);
    }

    /// <summary>A catalogue that is there is replaced only by request.</summary>
    private static void CheckReplaceable(DataFolder data, bool mayReplace)
    {
        if (!mayReplace && Fs.FindStatus(data.CataloguePath) is not null)
        {
            throw new ChunkOtaException(
                ErrorCodes.InUse,
                $"there is a catalogue: {data.CataloguePath}: restore a backup of it, or pass --replace to rebuild it");
        }
    }

    private async Task<ReindexReport> BuildAsync(
        ServerSettings settings, DataFolder data, Dictionary<string, IReadOnlyList<VerifiedRoot>> roots,
        CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        // Under another name until it is complete: a server must not start on half a catalogue.
        await using var catalogue = SqliteCatalogue.Open(data.PathOf(RebuildingName), clock);
        var objects = await StoreOpening.OpenObjectsAsync(settings.Objects, data, clock, cancellationToken);
        using var connections = objects as IDisposable;
        using var store = new Store(
            catalogue, objects, ServerParts.StoreOptionsOf(settings, data.MakeScratchFolder(), clock));
        var limits = new ManifestLimits(settings.Limits.ManifestBytes, settings.Limits.ManifestEntries);
        var report = await new Reindexer(catalogue, objects, store, limits)
            .RunAsync(roots, new StepLines(Terminal.Error), cancellationToken);
        _ = await AdminToken.AddAsync(data, catalogue.Identities, clock);
        return report;
    }

    /// <summary>Gives the new catalogue its name, and the old one, if there is one, another.</summary>
    /// <returns>The old one's path; null if there was none.</returns>
    private static string? Install(DataFolder data)
    {
        string? kept = null;
        if (Fs.FindStatus(data.CataloguePath) is not null)
        {
            var time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
            kept = string.Create(CultureInfo.InvariantCulture, $"{data.CataloguePath}.replaced-{time}");
            foreach (var suffix in (string[])["-wal", "-shm", ""])
            {
                if (Fs.FindStatus(data.CataloguePath + suffix) is not null)
                    Fs.Rename(data.CataloguePath + suffix, kept + suffix);
            }
        }

        CatalogueFile.Install(data, RebuildingName);
        return kept;
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
        foreach (var name in report.Damaged) Terminal.WriteLine($"left out, damaged: {name}");
        foreach (var release in report.LeftOut)
            Terminal.WriteLine($"left out: {release.Manifest} {release.Release}: {release.Why}");
        if (kept is not null) Terminal.WriteLine($"the old catalogue is {kept}");
        Terminal.WriteLine("not rebuilt: channels, tokens, devices, reports, anchors, withdrawals");
        Terminal.WriteLine("next: start the server, promote releases to their channels, make tokens, enrol devices");
    }

    private static JsonObject ToJson(ReindexReport report, string? kept) => new()
    {
        ["packs"] = report.Packs,
        ["chunks"] = report.Chunks,
        ["recipes"] = report.Recipes,
        ["products"] = report.Products,
        ["releases"] = report.Releases,
        ["damaged"] = new JsonArray([.. report.Damaged.Select(name => (JsonNode)name.ToString())]),
        ["left_out"] = new JsonArray(
        [
            .. report.LeftOut.Select(release => (JsonNode)new JsonObject
            {
                ["manifest"] = release.Manifest.ToString(),
                ["release"] = release.Release,
                ["why"] = release.Why,
            }),
        ]),
        ["replaced"] = kept,
    };

    /// <summary>A line for each step.</summary>
    private sealed class StepLines(TextWriter error) : IProgress<string>
    {
        public void Report(string value) => error.WriteLine(value);
    }
}
