using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace ChunkOta.Agent;

/// <summary>The JSON of reports, for every program that answers with it.</summary>
public static class ReportJson
{
    /// <summary>The report of one install or upgrade.</summary>
    public static JsonTypeInfo<UpdateResult> Update => ReportJsonContext.Default.UpdateResult;

    /// <summary>The report of an upgrade of several products.</summary>
    public static JsonTypeInfo<UpdateList> Updates => ReportJsonContext.Default.UpdateList;

    /// <summary>The report of one product.</summary>
    public static JsonTypeInfo<ProductSummary> Product => ReportJsonContext.Default.ProductSummary;

    /// <summary>The report of several products.</summary>
    public static JsonTypeInfo<InstalledList> Products => ReportJsonContext.Default.InstalledList;

    /// <summary>The report of a revert.</summary>
    public static JsonTypeInfo<RevertReport> Revert => ReportJsonContext.Default.RevertReport;

    /// <summary>The report of a verification.</summary>
    public static JsonTypeInfo<VerifyReport> Verify => ReportJsonContext.Default.VerifyReport;

    /// <summary>The report of a repair.</summary>
    public static JsonTypeInfo<RepairResult> Repair => ReportJsonContext.Default.RepairResult;

    /// <summary>The findings of the doctor.</summary>
    public static JsonTypeInfo<DoctorReport> Doctor => ReportJsonContext.Default.DoctorReport;

    /// <summary>The report of a recovery.</summary>
    public static JsonTypeInfo<RecoverResult> Recover => ReportJsonContext.Default.RecoverResult;

    /// <summary>The report of a prune.</summary>
    public static JsonTypeInfo<PruneReport> Prune => ReportJsonContext.Default.PruneReport;

    /// <summary>The settings that take effect.</summary>
    public static JsonTypeInfo<AgentSettings> Settings => ReportJsonContext.Default.AgentSettings;

    /// <summary>A line of progress.</summary>
    public static JsonTypeInfo<ProgressEvent> Progress => ReportJsonContext.Default.ProgressEvent;

    /// <summary>The report of a verified start.</summary>
    public static JsonTypeInfo<BootReport> Boot => ReportJsonContext.Default.BootReport;

    /// <summary>The report of a change of trust.</summary>
    public static JsonTypeInfo<TrustReport> Trust => ReportJsonContext.Default.TrustReport;
}

/// <summary>The JSON types of reports.</summary>
[JsonSourceGenerationOptions(
    // The default writes each type twice, the other time for speed; in the static agent that costs its size.
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters = [typeof(DigestJson)])]
[JsonSerializable(typeof(UpdateResult))]
[JsonSerializable(typeof(UpdateList))]
[JsonSerializable(typeof(ProductSummary))]
[JsonSerializable(typeof(InstalledList))]
[JsonSerializable(typeof(RevertReport))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(RepairResult))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(RecoverResult))]
[JsonSerializable(typeof(PruneReport))]
[JsonSerializable(typeof(TrustReport))]
[JsonSerializable(typeof(AgentSettings))]
[JsonSerializable(typeof(ProgressEvent))]
[JsonSerializable(typeof(BootReport))]
internal sealed partial class ReportJsonContext : JsonSerializerContext;
