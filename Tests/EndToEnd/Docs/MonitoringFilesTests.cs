using System.Text.Json;
using System.Text.RegularExpressions;
using ChunkOta.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace ChunkOta.Tests.EndToEnd.Docs;

/// <summary>The dashboard and the alerts in deploy/: a real server shows each metric and label that they
/// name.</summary>
public sealed partial class MonitoringFilesTests
{
    private const string Dashboard = "deploy/grafana/chunkota.json";
    private const string Rules = "deploy/prometheus/chunkota-rules.yml";
    private const string Guide = "docs/monitoring.md";

    /// <summary>Prometheus makes it of every target, and the labels of each.</summary>
    private const string Up = "up";

    private static readonly string[] LabelsOfPrometheus = ["instance", "job"];

    private static readonly HashSet<string> Keywords =
    [
        "by", "without", "on", "ignoring", "group_left", "group_right", "and", "or", "unless", "bool", "offset", "inf",
    ];

    [Fact]
    public async Task Every_metric_and_label_that_they_name_is_there_after_a_publish_and_an_install()
    {
        await using var rig = await Rig.StartAsync("Deltas:Workers=1");
        await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        await rig.PublishSampleAsync(1, "1.1.0");
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        (await rig.AdminAsync("verify")).Succeeded();
        (await rig.AdminAsync("gc")).Succeeded();
        var expressions = ExpressionsOfDashboard().Concat(ExpressionsOfRules()).Concat(ExpressionsOfGuide()).ToList();
        Assert.InRange(expressions.Count, 40, 200);

        var page = await Eventually.Async(
            "the build of a delta and a sample of the store", () => MetricsPage.ReadAsync(rig.Server.Metrics!),
            page => page.Sum("chunkota_delta_builds_total") > 0 && page.Sum("chunkota_scrub_age_seconds") > 0
                && page.Sum("chunkota_collection_age_seconds") is not null);

        var faults = from expression in expressions
                     from fault in FaultsOf(expression, page)
                     select $"{fault} in {expression}";
        Assert.Empty(faults.Distinct());
    }

    [FactIfInstalled("promtool")]
    public async Task Promtool_accepts_the_rules_and_the_alerts_fire_as_their_tests_say()
    {
        var rules = Repository.PathOf(Rules);
        var environment = new Dictionary<string, string?>();

        (await ProgramRun.RunAsync(environment, "promtool", "check", "rules", rules)).Succeeded();
        (await ProgramRun.RunAsync(
            environment, "promtool", "check", "config", Repository.PathOf("deploy/prometheus/prometheus.yml")))
            .Succeeded();
        (await ProgramRun.RunAsync(
            environment, "promtool", "test", "rules", Repository.PathOf("deploy/prometheus/chunkota-tests.yml")))
            .Succeeded();
    }

    [Fact]
    public void Every_alert_says_what_to_do()
    {
        Assert.All(Alerts(), alert =>
        {
            var annotations = (YamlMappingNode)alert["annotations"];
            Assert.NotEmpty(((YamlScalarNode)annotations["summary"]).Value!);
            Assert.NotEmpty(((YamlScalarNode)annotations["action"]).Value!);
            Assert.Contains(
                ((YamlScalarNode)alert["labels"]["severity"]).Value, (string[])["warning", "critical"]);
        });
    }

    [Theory]
    [InlineData("sum by (le) (rate(a_b_bucket{x=\"y\"}[5m])) / on () c", "a_b_bucket{x} c{}")]
    [InlineData("histogram_quantile(0.95, rate(a{x=~\"(b|c)\", z!=\"\"}[$__rate_interval])) > 1e9 and up == 0",
        "a{x,z} up{}")]
    public void Metrics_and_their_labels_are_found_in_an_expression(string expression, string expected) => Assert.Equal(
        expected,
        string.Join(' ', SelectorsIn(expression).Select(one => $"{one.Metric}{{{string.Join(',', one.Labels)}}}")));

    private static IEnumerable<string> FaultsOf(string expression, MetricsPage page)
    {
        foreach (var (metric, labels) in SelectorsIn(expression).Where(one => one.Metric != Up))
        {
            var samples = page.Samples.Where(sample => sample.Name == metric).ToList();
            if (samples.Count == 0) yield return metric;
            foreach (var label in labels.Except(LabelsOfPrometheus))
            {
                if (!samples.Exists(sample => sample.Labels.ContainsKey(label))) yield return $"{metric}{{{label}}}";
            }
        }

        // The labels that a result is grouped by are those of some metric in the expression.
        var known = SelectorsIn(expression).SelectMany(one => page.Samples.Where(sample => sample.Name == one.Metric))
            .SelectMany(sample => sample.Labels.Keys).Concat(LabelsOfPrometheus).Append("error_type").ToHashSet();
        foreach (Match group in Grouping().Matches(expression))
        {
            foreach (var label in group.Groups["labels"].Value.Split(',', StringSplitOptions.TrimEntries))
            {
                if (label.Length != 0 && !known.Contains(label)) yield return $"the label {label}";
            }
        }
    }

    /// <summary>The metrics that an expression selects, with the labels that it selects them by.</summary>
    private static IEnumerable<(string Metric, IReadOnlyList<string> Labels)> SelectorsIn(string expression)
    {
        var plain = Grouping().Replace(expression, " ");
        foreach (Match match in Selector().Matches(plain))
        {
            var name = match.Groups["name"].Value;
            if (name.Length == 0 || Keywords.Contains(name)) continue;
            var labels = Matcher().Matches(match.Groups["labels"].Value);
            yield return (name, [.. labels.Select(label => label.Groups[1].Value)]);
        }
    }

    private static IEnumerable<string> ExpressionsOfDashboard()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Repository.PathOf(Dashboard)));
        return
        [
            .. from panel in dashboard.RootElement.GetProperty("panels").EnumerateArray()
               where panel.TryGetProperty("targets", out _)
               from target in panel.GetProperty("targets").EnumerateArray()
               select target.GetProperty("expr").GetString()!,
        ];
    }

    private static IEnumerable<string> ExpressionsOfRules() =>
        Alerts().Select(alert => ((YamlScalarNode)alert["expr"]).Value!);

    /// <summary>The last column of the guide's table, where a bar is escaped.</summary>
    private static IEnumerable<string> ExpressionsOfGuide() =>
        File.ReadLines(Repository.PathOf(Guide)).SkipWhile(line => line != "| question | PromQL |").Skip(2)
            .TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Split('`')[1].Replace("\\|", "|", StringComparison.Ordinal));

    private static IEnumerable<YamlMappingNode> Alerts()
    {
        var yaml = new YamlStream();
        using var text = new StreamReader(Repository.PathOf(Rules));
        yaml.Load(text);
        return from @group in ((YamlSequenceNode)yaml.Documents[0].RootNode["groups"]).Children
               from rule in ((YamlSequenceNode)@group["rules"]).Children
               select (YamlMappingNode)rule;
    }

    [GeneratedRegex(@"\b(by|without|on|ignoring|group_left|group_right)\s*\((?<labels>[^)]*)\)")]
    private static partial Regex Grouping();

    /// <summary>A name that is not a function's, and what is in braces behind it. Numbers, durations and strings are no
    /// names.</summary>
    [GeneratedRegex(
        """
        "[^"]*" | \[[^\]]*\] | \d[\w.]* | (?<name>[a-zA-Z_:][\w:]*)\b(?!\s*\()(\{(?<labels>("[^"]*"|[^}"])*)\})?
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.ExplicitCapture)]
    private static partial Regex Selector();

    [GeneratedRegex(@"(\w+)\s*(=~|!~|!=|=)\s*""[^""]*""")]
    private static partial Regex Matcher();
}
