using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace ChunkOta.Perf;

/// <summary>
/// The column of plain megabytes (10^6 bytes) a second, for benchmarks of classes that declare their bytes.
/// </summary>
/// <remarks>Of the fastest iteration: other work on the machine only slows a benchmark down.</remarks>
internal sealed class Throughput : IColumn
{
    public string Id => "MB/s";

    public string ColumnName => "MB/s";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Custom;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string Legend => "Plain megabytes (1,000,000 bytes) a second in the fastest iteration";

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        var bytes = benchmarkCase.Descriptor.Type.GetCustomAttributes(typeof(BytesPerCallAttribute), inherit: false);
        var statistics = summary[benchmarkCase]?.ResultStatistics;
        return bytes is [BytesPerCallAttribute { Count: var count }] && statistics is not null
            ? (count / statistics.Min * 1000).ToString("N0", CultureInfo.InvariantCulture)
            : "-";
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) =>
        GetValue(summary, benchmarkCase);
}

/// <summary>The plain bytes that each call of a class's benchmarks processes.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class BytesPerCallAttribute(long count) : Attribute
{
    public long Count { get; } = count;
}
