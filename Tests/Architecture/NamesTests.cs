using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ChunkOta.Tests.Architecture;

/// <summary>One name, one thing.</summary>
public sealed class NamesTests
{
    /// <summary>
    /// The namespace of the generated messages of the services; signed documents have one of their own.
    /// </summary>
    private const string Messages = "ChunkOta.Protos.V1";

    /// <summary>The folders that turn messages into records and records into messages.</summary>
    private static readonly string[] SpeakMessages =
        ["Protos/", "Server/Host/Rpc/", "Server/Host/Http/", "Server/Admin/", "Agent/Core/Sources/Rpc/"];

    [Fact]
    public void No_type_name_occurs_in_two_projects()
    {
        var twice = from source in ProductSources.All
                    from type in source.Types
                    let name = ProductSources.NameOf(type)
                    where name != "Program" && !IsFileLocal(type)
                    group source.Project by name into uses
                    where uses.Distinct().Count() > 1
                    select $"{uses.Key}: {string.Join(", ", uses.Distinct())}";

        Findings.AssertNone(twice);
    }

    [Fact]
    public void Only_Rpc_Http_and_the_clients_import_the_generated_messages()
    {
        var strays = from source in ProductSources.All
                     where !SpeakMessages.Any(folder => source.Path.StartsWith(folder, StringComparison.Ordinal))
                     from import in source.Root.Usings
                     where import.NamespaceOrType.ToString().StartsWith(Messages, StringComparison.Ordinal)
                     select $"{source.Path} imports {import.NamespaceOrType}: take and return records";

        Findings.AssertNone(strays);
    }

    [Fact]
    public void Error_codes_are_named_and_not_repeated_as_text()
    {
        var codes = typeof(ErrorCodes).GetFields().Select(field => (string)field.GetRawConstantValue()!).ToHashSet();
        // SQL statements of these names are no error codes.
        codes.Remove(ErrorCodes.Rollback);

        var repeated = from source in ProductSources.All
                       where source.Path != "Chunker/ErrorCodes.cs"
                       from literal in source.Root.DescendantNodes().OfType<LiteralExpressionSyntax>()
                       where literal.IsKind(SyntaxKind.StringLiteralExpression)
                           && codes.Contains(literal.Token.ValueText)
                       select $"{ProductSources.LocationOf(source, literal)} repeats {literal}";

        Findings.AssertNone(repeated);
    }

    private static bool IsFileLocal(MemberDeclarationSyntax type) =>
        type.Modifiers.Any(modifier => modifier.IsKind(SyntaxKind.FileKeyword));
}
