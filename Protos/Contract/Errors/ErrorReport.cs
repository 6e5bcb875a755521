using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChunkOta.Protos;

/// <summary>A failure as programs read it: what <c>--json</c> and the HTTP ports answer.</summary>
/// <param name="Code">One of <see cref="ErrorCodes"/>.</param>
/// <param name="Message">One line for people.</param>
/// <param name="Attack">The attack it may be a sign of, such as <c>rollback</c>, or null.</param>
/// <param name="Phase">What was being done, such as <c>fetch</c>, or null.</param>
/// <param name="Retryable">The same request may succeed if it is retried.</param>
/// <param name="Hint">What the user can do about it, or null.</param>
public sealed record ErrorReport(
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("attack")] string? Attack,
    [property: JsonPropertyName("phase")] string? Phase,
    [property: JsonPropertyName("retryable")] bool Retryable,
    [property: JsonPropertyName("hint")] string? Hint)
{
    /// <summary>The part to look at, such as <c>dns</c>, <c>disk</c> or <c>too_slow</c>; <c>other</c> when none
    /// fits.</summary>
    [JsonPropertyName("cause")]
    public string Cause { get; init; } = FailureCause.Other.ToWord();

    /// <summary>Reports a failure with what is known of its code.</summary>
    /// <param name="failure">What was thrown.</param>
    /// <param name="phase">What was being done, or null.</param>
    public static ErrorReport Of(ChunkOtaException failure, string? phase = null)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var meaning = ErrorMeaning.Of(failure.Code);
        return new(failure.Code, OneLine.Of(failure.Message), meaning.Attack, phase, meaning.IsRetryable,
            failure.Hint ?? meaning.Hint)
        {
            Cause = FailureCauses.Of(failure).ToWord(),
        };
    }

    /// <summary>The report as one JSON object on one line: <c>{"error":{…}}</c>.</summary>
    public string ToJson() => JsonSerializer.Serialize(new ErrorBody(this), ErrorJson.Readable.ErrorBody);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">UTF-8.</param>
    /// <returns>The report, or null when the bytes are not one.</returns>
    public static ErrorReport? FromJson(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ErrorJson.Readable.ErrorBody)?.Error;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

internal sealed record ErrorBody([property: JsonPropertyName("error")] ErrorReport? Error);

[JsonSerializable(typeof(ErrorBody))]
internal sealed partial class ErrorJson : JsonSerializerContext
{
    /// <summary>Escapes what JSON must escape and no more: paths stay readable.</summary>
    public static ErrorJson Readable { get; } =
        new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 4 });
}
