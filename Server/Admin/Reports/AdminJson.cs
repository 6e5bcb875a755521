using System.Text.Json.Serialization;

namespace ChunkOta.Admin;

/// <summary>The JSON of <c>--json</c>.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = 16,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(LoginReport))]
[JsonSerializable(typeof(LogoutReport))]
[JsonSerializable(typeof(ProfileList))]
[JsonSerializable(typeof(KeysReport))]
[JsonSerializable(typeof(NewRootReport))]
[JsonSerializable(typeof(PasswdReport))]
[JsonSerializable(typeof(ShownKeys))]
[JsonSerializable(typeof(ProductRootReport))]
[JsonSerializable(typeof(ProductReport))]
[JsonSerializable(typeof(ProductList))]
[JsonSerializable(typeof(QuotaReport))]
[JsonSerializable(typeof(TokenReport))]
[JsonSerializable(typeof(TokenList))]
[JsonSerializable(typeof(RevokedToken))]
[JsonSerializable(typeof(PublishReport))]
[JsonSerializable(typeof(ChannelList))]
[JsonSerializable(typeof(RenewedChannel))]
[JsonSerializable(typeof(DroppedChannel))]
[JsonSerializable(typeof(PromotionReport))]
[JsonSerializable(typeof(WithdrawalReport))]
[JsonSerializable(typeof(ReinstatementReport))]
[JsonSerializable(typeof(ReleaseList))]
[JsonSerializable(typeof(AnchorList))]
[JsonSerializable(typeof(AddedAnchor))]
[JsonSerializable(typeof(RemovedAnchor))]
[JsonSerializable(typeof(ShownRelease))]
[JsonSerializable(typeof(StatsReport))]
[JsonSerializable(typeof(StoreVerifyReport))]
[JsonSerializable(typeof(DeltaReport))]
[JsonSerializable(typeof(ForecastReport))]
[JsonSerializable(typeof(ExplainReport))]
internal sealed partial class AdminJson : JsonSerializerContext;
