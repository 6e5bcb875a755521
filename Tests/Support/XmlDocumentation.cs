using System.Reflection;
using System.Xml.Linq;

namespace ChunkOta.Tests.Support;

/// <summary>What the doc comments of an assembly say, from the file that the compiler writes beside it.</summary>
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

    private static string OneLine(string summary) =>
        string.Join(' ', summary.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
