using System.Globalization;
using System.Text.RegularExpressions;

namespace ChunkOta.Tests.Support;

/// <summary>The metrics that a server shows at one time.</summary>
internal sealed partial class MetricsPage
{
    /// <summary>For so long a server shows a page again.</summary>
    private static readonly TimeSpan Age = TimeSpan.FromMilliseconds(300);

    private MetricsPage(string text)
    {
        Text = text;
        Samples =
        [
            .. text.Split('\n').Select(line => SampleLine().Match(line)).Where(match => match.Success)
                .Select(match => new Sample(
                    match.Groups["name"].Value,
                    Label().Matches(match.Groups["labels"].Value).ToDictionary(
                        label => label.Groups["key"].Value, label => label.Groups["value"].Value),
                    double.Parse(match.Groups["value"].Value, CultureInfo.InvariantCulture))),
        ];
    }

    public string Text { get; }

    public IReadOnlyList<Sample> Samples { get; }

    /// <summary>Reads a page of a metrics port that is not older than the call.</summary>
    public static async Task<MetricsPage> ReadAsync(Uri port)
    {
        await Task.Delay(Age);
        using var http = new HttpClient();
        return new MetricsPage(await http.GetStringAsync(new Uri(port, "metrics")));
    }

    /// <summary>The sum of a metric's samples that have a label; null when there are none.</summary>
    /// <param name="name">As Prometheus spells it.</param>
    /// <param name="key">The label; empty for all samples.</param>
    /// <param name="value">The value of the label.</param>
    public double? Sum(string name, string key = "", string value = "")
    {
        var samples = Samples.Where(sample => sample.Name == name
            && (key.Length == 0 || sample.Labels.GetValueOrDefault(key) == value)).ToList();
        return samples.Count == 0 ? null : samples.Sum(sample => sample.Value);
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][\w:]*)(\{(?<labels>.*)\})? (?<value>[^ ]+)( \d+)?$""")]
    private static partial Regex SampleLine();

    [GeneratedRegex(@"(?<key>\w+)=""(?<value>(\\.|[^""\\])*)""")]
    private static partial Regex Label();

    /// <summary>One line.</summary>
    public sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);
}
