using ChunkOta.Tests.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ChunkOta.Tests.Architecture;

/// <summary>A C# source of the product, parsed; generated code is not among them.</summary>
/// <param name="Path">From the repository's root, with '/'.</param>
/// <param name="Project">The folder of its project, such as <c>Store/Core</c>.</param>
/// <param name="Root">Its syntax tree.</param>
internal sealed record ProductSource(string Path, string Project, CompilationUnitSyntax Root)
{
    private HashSet<string>? _mentions;

    /// <summary>
    /// The folder inside the project, such as <c>Sources/Rpc</c>. A file in the project's own folder, where the errors
    /// and the front door are, stands for itself.
    /// </summary>
    public string Folder { get; } = System.IO.Path.GetDirectoryName(Path) == Project
        ? System.IO.Path.GetFileName(Path)
        : System.IO.Path.GetDirectoryName(Path)![(Project.Length + 1)..];

    /// <summary>The types that the file declares outside of other types, each part of a partial type as well.</summary>
    public IEnumerable<MemberDeclarationSyntax> Types =>
        from member in Root.DescendantNodes(
            node => node is not (BaseTypeDeclarationSyntax or DelegateDeclarationSyntax))
        where member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax
        select (MemberDeclarationSyntax)member;

    /// <summary>
    /// The names that code mentions and that may be types: no comments, no member after a dot or that is set.
    /// </summary>
    public HashSet<string> Mentions() => _mentions ??=
    [
        .. from name in Root.DescendantNodes().OfType<SimpleNameSyntax>()
           where !(name.Parent is MemberAccessExpressionSyntax access && access.Name == name)
               && !(name.Parent is AssignmentExpressionSyntax assignment && assignment.Left == name)
           select NameOf(name.Identifier.ValueText, name is GenericNameSyntax generic ? generic.Arity : 0),
    ];

    /// <summary>The namespace of the file.</summary>
    public string Namespace { get; } =
        Root.Members.OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString() ?? "";

    /// <summary>The file imports a namespace, or stands within it.</summary>
    public bool Sees(string name) =>
        Namespace == name
        || Namespace.StartsWith(name + ".", StringComparison.Ordinal)
        || Root.Usings.Any(import => import.NamespaceOrType.ToString() == name);

    /// <summary>The names of <see cref="Types"/>, as <see cref="Mentions"/> has them.</summary>
    public IEnumerable<string> DeclaredNames =>
        Types.Select(type => NameOf(ProductSources.NameOf(type), type switch
        {
            TypeDeclarationSyntax declared => declared.Arity,
            DelegateDeclarationSyntax declared => declared.Arity,
            _ => 0,
        }));

    private static string NameOf(string name, int arity) => arity == 0 ? name : $"{name}`{arity}";
}

/// <summary>The product's projects and their sources.</summary>
internal static class ProductSources
{
    /// <summary>The folders of the projects that make up the product.</summary>
    public static IReadOnlyList<string> Projects { get; } =
    [
        .. from path in Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
           let folder = Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(path)!)
           where !folder.StartsWith("Tests", StringComparison.Ordinal)
               && folder != "perf"
               && !folder.StartsWith("eng/", StringComparison.Ordinal)
               && !folder.StartsWith("artifacts/", StringComparison.Ordinal)
               && !folder.Contains("/bin/", StringComparison.Ordinal)
               && !folder.Contains("/obj/", StringComparison.Ordinal)
           orderby folder
           select folder,
    ];

    /// <summary>All sources of the product.</summary>
    public static IReadOnlyList<ProductSource> All { get; } =
    [
        .. from project in Projects
           from path in Repository.Sources(project)
           let text = File.ReadAllText(Repository.PathOf(path))
           select new ProductSource(path, project, CSharpSyntaxTree.ParseText(text).GetCompilationUnitRoot()),
    ];

    /// <summary>The name of a type's declaration.</summary>
    public static string NameOf(MemberDeclarationSyntax type) => type switch
    {
        BaseTypeDeclarationSyntax declared => declared.Identifier.ValueText,
        DelegateDeclarationSyntax declared => declared.Identifier.ValueText,
        _ => throw new ArgumentException($"{type.Kind()} declares no type", nameof(type)),
    };

    /// <summary>Where a node begins, for a message.</summary>
    public static string LocationOf(ProductSource source, SyntaxNode node) =>
        $"{source.Path}:{node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}";
}
