using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ChunkOta.Tests.Architecture;

/// <summary>What only its own project uses is internal.</summary>
public sealed class PublicTypesTests
{
    [Fact]
    public void A_public_type_is_needed_by_another_project()
    {
        var needed = NeededTypes();

        Findings.AssertNone(
            from type in PublicTypes
            where !needed.Contains(type.Name)
            select $"{type.Source.Path}: {type.Name} is public, and only {type.Source.Project} uses it");
    }

    private static IReadOnlyList<(string Name, MemberDeclarationSyntax Node, ProductSource Source)> PublicTypes =>
    [
        .. from source in ProductSources.All
           from type in source.Types
           where type.Modifiers.Any(SyntaxKind.PublicKeyword)
           select (ProductSources.NameOf(type), type, source),
    ];

    /// <summary>
    /// The types that another project names, and those that the language makes public with them: what their public
    /// members return and accept. A constructor makes none needed, because it can be internal.
    /// </summary>
    private static HashSet<string> NeededTypes()
    {
        var projectsThatName = ProductSources.All
            .SelectMany(source => source.Mentions().Select(name => (Name: name.Split('`')[0], source.Project)))
            .ToLookup(mention => mention.Name, mention => mention.Project);
        var types = PublicTypes.ToLookup(type => type.Name);
        var needed = new HashSet<string>();
        var open = new Queue<string>(
            from type in PublicTypes
            where projectsThatName[type.Name].Any(project => project != type.Source.Project)
                || IsReachedWithoutItsName(type.Node)
            select type.Name);
        while (open.TryDequeue(out string? name))
        {
            if (!needed.Add(name)) continue;
            foreach (var type in types[name])
            {
                foreach (string exposed in ExposedBy(type.Node).Where(types.Contains)) open.Enqueue(exposed);
            }
        }

        return needed;
    }

    /// <summary>Extension methods are called without the name of their class.</summary>
    private static bool IsReachedWithoutItsName(MemberDeclarationSyntax type) =>
        type is ClassDeclarationSyntax && type.DescendantNodes().OfType<MethodDeclarationSyntax>().Any(method =>
            method.Modifiers.Any(SyntaxKind.PublicKeyword)
            && method.ParameterList.Parameters.Any(parameter => parameter.Modifiers.Any(SyntaxKind.ThisKeyword)));

    private static IEnumerable<string> ExposedBy(MemberDeclarationSyntax type)
    {
        IEnumerable<SyntaxNode?> signatures = type switch
        {
            DelegateDeclarationSyntax call => [call.ReturnType, call.ParameterList],
            TypeDeclarationSyntax declared =>
            [
                declared.BaseList,
                declared is RecordDeclarationSyntax ? declared.ParameterList : null,
                .. declared.ConstraintClauses,
                .. from member in declared.Members
                   where declared is InterfaceDeclarationSyntax
                       || member.Modifiers.Any(SyntaxKind.PublicKeyword)
                       || member.Modifiers.Any(SyntaxKind.ProtectedKeyword)
                   from signature in SignatureOf(member)
                   select signature,
            ],
            _ => [],
        };
        return from signature in signatures
               where signature is not null
               from name in signature.DescendantNodesAndSelf().OfType<SimpleNameSyntax>()
               select name.Identifier.ValueText;
    }

    private static IEnumerable<SyntaxNode?> SignatureOf(MemberDeclarationSyntax member) => member switch
    {
        MethodDeclarationSyntax method =>
            [method.ReturnType, method.TypeParameterList, method.ParameterList, .. method.ConstraintClauses],
        OperatorDeclarationSyntax method => [method.ReturnType, method.ParameterList],
        ConversionOperatorDeclarationSyntax method => [method.Type, method.ParameterList],
        IndexerDeclarationSyntax indexer => [indexer.Type, indexer.ParameterList],
        BasePropertyDeclarationSyntax property => [property.Type],
        BaseFieldDeclarationSyntax field => [field.Declaration.Type],
        // The types inside a type are few and small: all that they mention counts.
        TypeDeclarationSyntax or DelegateDeclarationSyntax => [member],
        _ => [],
    };
}
