using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ChunkOta.Tests.Architecture;

/// <summary>
/// Nothing of the product is there for tests alone: the product uses each of its types and members.
/// </summary>
/// <remarks>
/// By name: a member whose name something else has as well is taken for used. Private ones are the compiler's to find.
/// </remarks>
public sealed class UnusedCodeTests
{
    /// <summary>What no source of the product names, each for a reason.</summary>
    private static readonly Dictionary<string, string> Unnamed = new()
    {
        ["Actual"] = "the digest that a damaged chunk has, for whoever catches the exception",
        ["CheckHealthAsync"] = "the health checks of ASP.NET call it",
        ["Expected"] = "the digest that a damaged chunk should have, for whoever catches the exception",
        ["Local"] = "an exit code that docs/errors.md promises",
        ["OverLimit"] = "an exit code that docs/errors.md promises",
        ["ReadFrameAsync"] = "reads a pack without the catalogue, as recovery does; the crash tests do so",
        ["ReadsAheadLeft"] = "shows the tests a budget that has no other trace",
        ["TryFormat"] = "string interpolation calls it",
        ["ZstdManaged"] = "the build property ManagedZstd selects it",
    };

    [Fact]
    public void The_product_uses_its_types_and_members()
    {
        var names = new Dictionary<string, int>();
        foreach (var token in ProductSources.All.SelectMany(source => source.Root.DescendantTokens()))
        {
            if (token.IsKind(SyntaxKind.IdentifierToken))
                names[token.ValueText] = names.GetValueOrDefault(token.ValueText) + 1;
        }

        var declared = ProductSources.All
            .SelectMany(source => DeclaredIn(source).Select(found => (found.Name, found.Node, Source: source)))
            .ToLookup(found => found.Name);
        var unused = from found in declared
                     where names[found.Key] == found.Count()
                        && !Unnamed.ContainsKey(found.Key)
                        && !names.ContainsKey(WithoutAttribute(found.Key))
                     from declaration in found
                     where IsToBeNamed(declaration.Node)
                     let location = ProductSources.LocationOf(declaration.Source, declaration.Node)
                     select $"{location}: {found.Key} is never used";

        Findings.AssertNone(unused);
    }

    [Fact]
    public void Every_exception_is_still_declared()
    {
        var declared = ProductSources.All.SelectMany(DeclaredIn).Select(found => found.Name).ToHashSet();

        Findings.AssertNone(Unnamed.Keys.Where(name => !declared.Contains(name)));
    }

    private static IEnumerable<(string Name, SyntaxNode Node)> DeclaredIn(ProductSource source) =>
        from node in source.Root.DescendantNodes()
        let identifier = node switch
        {
            BaseTypeDeclarationSyntax type => type.Identifier,
            DelegateDeclarationSyntax type => type.Identifier,
            ConstructorDeclarationSyntax constructor => constructor.Identifier,
            MethodDeclarationSyntax method => method.Identifier,
            PropertyDeclarationSyntax property => property.Identifier,
            VariableDeclaratorSyntax { Parent.Parent: BaseFieldDeclarationSyntax } field => field.Identifier,
            _ => default,
        }
        where identifier.IsKind(SyntaxKind.IdentifierToken)
        select (identifier.ValueText, node);

    /// <summary>
    /// False where code is reached without its name: extensions, overrides, what a base or an interface asks for, and
    /// what a struct of fixed layout is made of.
    /// </summary>
    private static bool IsToBeNamed(SyntaxNode node) => node switch
    {
        ConstructorDeclarationSyntax => false,
        ClassDeclarationSyntax type => !type.DescendantNodes().OfType<ParameterSyntax>()
            .Any(parameter => parameter.Modifiers.Any(SyntaxKind.ThisKeyword)),
        MethodDeclarationSyntax method => !method.Modifiers.Any(SyntaxKind.OverrideKeyword)
            && method.ExplicitInterfaceSpecifier is null,
        PropertyDeclarationSyntax property => !property.Modifiers.Any(SyntaxKind.OverrideKeyword)
            && property.ExplicitInterfaceSpecifier is null,
        VariableDeclaratorSyntax field => field.FirstAncestorOrSelf<StructDeclarationSyntax>() is not { } layout
            || layout.AttributeLists.Count == 0,
        _ => true,
    };

    private static string WithoutAttribute(string name) =>
        name.EndsWith("Attribute", StringComparison.Ordinal) ? name[..^"Attribute".Length] : name + "\0";
}
