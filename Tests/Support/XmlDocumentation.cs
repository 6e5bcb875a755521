using System.Reflection;
using System.Xml.Linq;

namespace ChunkOta.Tests.Support;

/// <summary>The doc comments of an assembly, from the file that the compiler writes beside it.</summary>
internal static class XmlDocumentation
{
    /// <summary>The summaries of a class's text constants, by their values.</summary>
    public static IReadOnlyDictionary<string, string> SummariesOf(Type type)
    {
        var file = XDocument.Load(Path.ChangeExtension(type.Assembly.Location, ".xml"));
        var summaries = file.Descendants("member").ToDictionary(
            member => (string)member.Attribute("name")!, member => OneLine(member.Element("summary")?.Value ?? ""));
        return type.GetFields(BindingFlags.Public | BindingFlags.Static).ToDictionary(
            field => (string)field.GetRawConstantValue()!, field => summaries[$"F:{type.FullName}.{field.Name}"]);
    }

    /// <summary>The summary of a type; null if it has none.</summary>
    public static string? SummaryOf(Type type) => Find(type, $"T:{NameOf(type)}")?.Element("summary") is { } summary
        ? Markdown(summary)
        : null;

    /// <summary>The summary of a property, or what the type says about the parameter that it is made from; null if
    /// neither is there.</summary>
    public static string? SummaryOf(PropertyInfo property)
    {
        var type = property.DeclaringType!;
        var element = Find(type, $"P:{NameOf(type)}.{property.Name}")?.Element("summary")
            ?? Find(type, $"T:{NameOf(type)}")?.Elements("param")
                .FirstOrDefault(param => (string?)param.Attribute("name") == property.Name);
        return element is null ? null : Markdown(element);
    }

    private static XElement? Find(Type type, string name) =>
        XDocument.Load(Path.ChangeExtension(type.Assembly.Location, ".xml")).Descendants("member")
            .FirstOrDefault(member => (string?)member.Attribute("name") == name);

    private static string NameOf(Type type) => type.FullName!.Replace('+', '.');

    /// <summary>A comment as Markdown: code in back quotes, references by their last name.</summary>
    private static string Markdown(XElement comment) => OneLine(string.Concat(comment.Nodes().Select(node => node switch
    {
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement element when element.Attribute("cref") is { } cref => $"`{cref.Value.Split('.')[^1]}`",
        XElement element => element.Value,
        _ => node.ToString(),
    })));

    private static string OneLine(string summary) =>
        string.Join(' ', summary.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
