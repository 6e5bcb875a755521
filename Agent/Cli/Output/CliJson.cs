using System.Text.Json.Serialization;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary>What <c>list</c> and <c>status</c> answer.</summary>
internal sealed record ProductList(IReadOnlyList<ProductFacts> Products);

/// <summary>What <c>upgrade</c> of all products answers.</summary>
internal sealed record UpdateList(IReadOnlyList<UpdateResult> Products);

/// <summary>What <c>revert</c> answers.</summary>
internal sealed record RevertAnswer(string Product, string Version, string FromVersion);

/// <summary>What <c>verify</c> answers for one product.</summary>
internal sealed record VerifyLine(string Product, string Version, IReadOnlyList<TreeDamage> Damage);

/// <summary>What <c>verify</c> answers; with an error, as every failure has one, when something is damaged.</summary>
internal sealed record VerifyAnswer(
    bool IsAsInstalled,
    IReadOnlyList<VerifyLine> Products,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ErrorReport? Error);

/// <summary>What <c>prune</c> answers for one product.</summary>
internal sealed record PruneLine(string Product, IReadOnlyList<string> RemovedVersions, int RemovedStagingTrees);

/// <summary>What <c>prune</c> answers.</summary>
internal sealed record PruneAnswer(bool IsDryRun, IReadOnlyList<PruneLine> Products);

/// <summary>The JSON of the command line.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(DigestJson)])]
[JsonSerializable(typeof(UpdateResult))]
[JsonSerializable(typeof(UpdateList))]
[JsonSerializable(typeof(ProductFacts))]
[JsonSerializable(typeof(ProductList))]
[JsonSerializable(typeof(RevertAnswer))]
[JsonSerializable(typeof(VerifyAnswer))]
[JsonSerializable(typeof(PruneAnswer))]
internal sealed partial class CliJson : JsonSerializerContext;
