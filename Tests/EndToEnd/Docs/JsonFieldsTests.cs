using System.Reflection;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using ChunkOta.Admin;
using ChunkOta.Agent;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Docs;

/// <summary>docs/json.md lists every field of every answer, from the types that are written and their
/// comments.</summary>
public sealed class JsonFieldsTests
{
    private const int ProseColumns = 118;

    [Fact]
    public void The_fields_of_ota_admin_are_documented() =>
        Golden.EqualSection("docs/json.md", "ota-admin", Tables(AdminJson.Default, typeof(AdminJson)));

    [Fact]
    public void The_fields_of_ota_agent_are_documented() => Golden.EqualSection(
        "docs/json.md", "ota-agent", Tables(ReportJsonContext.Default, typeof(ReportJsonContext)));

    [Fact]
    public void The_fields_of_a_failure_are_documented() => Golden.EqualSection(
        "docs/json.md", "failure", Table(ErrorReportContext.Default.GetTypeInfo(typeof(ErrorReport))!));

    /// <summary>The answers, and after each the objects in it that were not described before.</summary>
    private static string Tables(JsonSerializerContext context, Type declaring)
    {
        var described = new HashSet<Type>();
        var text = new StringBuilder();
        foreach (var attribute in declaring.GetCustomAttributesData()
            .Where(data => data.AttributeType == typeof(JsonSerializableAttribute)))
        {
            Describe(context, (Type)attribute.ConstructorArguments[0].Value!, described, text);
        }

        return text.ToString();
    }

    private static void Describe(JsonSerializerContext context, Type type, HashSet<Type> described, StringBuilder text)
    {
        var info = context.GetTypeInfo(type);
        if (info is not { Kind: JsonTypeInfoKind.Object } || !described.Add(type)) return;
        text.Append(Table(info));
        foreach (var property in info.Properties)
            Describe(context, ElementOf(property.PropertyType) ?? property.PropertyType, described, text);
    }

    private static string Table(JsonTypeInfo info)
    {
        var text = new StringBuilder();
        text.Append($"### {Words(info.Type.Name)}\n\n");
        var summary = Required(XmlDocumentation.SummaryOf(info.Type), info.Type.Name);
        text.Append($"{string.Join('\n', WordWrap.Lines(summary, ProseColumns))}\n\n");
        text.Append("| field | type | meaning |\n|---|---|---|\n");
        foreach (var property in info.Properties)
        {
            var member = Member(property);
            var meaning = Required(XmlDocumentation.SummaryOf(member), $"{info.Type.Name}.{member.Name}");
            text.Append($"| `{property.Name}` | {TypeOf(property.PropertyType)} | {meaning} |\n");
        }

        return text.Append('\n').ToString();
    }

    private static PropertyInfo Member(JsonPropertyInfo property) =>
        property.AttributeProvider as PropertyInfo
        ?? property.DeclaringType.GetProperties().Single(candidate =>
            JsonNamingPolicyName(candidate) == property.Name);

    private static string JsonNamingPolicyName(PropertyInfo property) =>
        property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
        ?? System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);

    private static string Required(string? text, string what)
    {
        Assert.False(string.IsNullOrEmpty(text), $"{what} has no comment");
        return text!;
    }

    private static string TypeOf(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return TypeOf(inner);
        if (ElementOf(type) is { } element) return $"list of {Plural(TypeOf(element))}";
        if (type == typeof(string) || type.IsEnum || type.Name == "Digest") return "text";
        if (type == typeof(bool)) return "true or false";
        return type.IsPrimitive ? "number" : $"[{Words(type.Name)}](#{Words(type.Name).Replace(' ', '-')})";
    }

    private static string Plural(string word) => word is "text" or "number" ? $"{word}s" : word;

    private static Type? ElementOf(Type type) => type.IsGenericType
        && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    /// <summary>The name of a type as words: <c>ReleaseLine</c> is "release line".</summary>
    private static string Words(string name) =>
        string.Concat(name.Select((letter, index) =>
            $"{(char.IsUpper(letter) && index > 0 ? " " : "")}{char.ToLowerInvariant(letter)}"));
}

/// <summary>The JSON of failures.</summary>
[JsonSerializable(typeof(ErrorReport))]
internal sealed partial class ErrorReportContext : JsonSerializerContext;
