using System.CommandLine.Parsing;
using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary>A condition under which a release is not to be published, such as <c>p95&gt;200MB</c>.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Figure">Which figure of the forecast, by its name in <see cref="Figures"/>.</param>
/// <param name="Bytes">The figure may be this, and no more.</param>
internal sealed record ForecastLimit(string Text, string Figure, ulong Bytes)
{
    /// <summary>The figures that a limit may be about.</summary>
    public static readonly IReadOnlyDictionary<string, Func<ForecastReport, ulong>> Figures =
        new Dictionary<string, Func<ForecastReport, ulong>>(StringComparer.Ordinal)
        {
            ["p50"] = report => report.P50Bytes,
            ["p95"] = report => report.P95Bytes,
            ["egress"] = report => report.EgressBytes,
            ["disk"] = report => report.PeakDiskBytes,
        };

    /// <summary>Tells whether the forecast is over the limit.</summary>
    public bool IsExceededBy(ForecastReport report) => Figures[Figure](report) > Bytes;

    /// <summary>Describes, for people, a forecast that is over the limit.</summary>
    public string Describe(ForecastReport report) =>
        $"{Figure} is {Printable.Bytes(Figures[Figure](report))}, --fail-if '{Text}'";

    /// <summary>Reads the values of <c>--fail-if</c>.</summary>
    public static IReadOnlyList<ForecastLimit> Parse(ArgumentResult result)
    {
        List<ForecastLimit> limits = [];
        foreach (var token in result.Tokens)
        {
            if (TryParse(token.Value, out var limit))
                limits.Add(limit);
            else
                result.AddError($"'{token.Value}' is not a limit: write FIGURE>BYTES, such as p95>200MB; figures: "
                    + string.Join(", ", Figures.Keys));
        }

        return limits;
    }

    /// <summary>Reads <c>FIGURE&gt;BYTES</c>; bytes as <see cref="ByteSize"/> reads them.</summary>
    internal static bool TryParse(string text, out ForecastLimit limit)
    {
        limit = new ForecastLimit(text, "", 0);
        if (text.Split('>') is not [var name, var size] || !Figures.ContainsKey(name.Trim())
            || !ByteSize.TryParse(size, out var bytes))
            return false;
        limit = limit with { Figure = name.Trim(), Bytes = bytes };
        return true;
    }
}
