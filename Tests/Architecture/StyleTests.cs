using ChunkOta.Tests.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace ChunkOta.Tests.Architecture;

/// <summary>The limits of shape: how wide a line, how long a method, how full a folder may be.</summary>
public sealed class StyleTests
{
    private const int MaxColumns = 120;
    private const int MaxFilesOfFolder = 12;
    private const int MaxConstructorParameters = 6;
    private const int MaxMethodLines = 70;

    private static readonly string[] Sources =
        ["Chunker", "Protos", "Store", "Server", "CommandLine", "Agent", "Tests", "perf", "eng"];

    /// <summary>Folders with more files, each for a reason.</summary>
    private static readonly Dictionary<string, string> FullFolders = new()
    {
        ["Store/Durable/Posix"] = "the parts of one operating system, and nothing else",
        ["Server/Admin/Commands"] = "one verb, one file: ota-admin has as many verbs",
        ["Server/Admin/Reports"] = "one answer, one file: ota-admin has as many answers",
    };

    [Fact]
    public void No_line_is_wider_than_120_columns()
    {
        var wide = from path in Repository.Sources(Sources)
                   from line in File.ReadLines(Repository.PathOf(path)).Index()
                   where line.Item.Length > MaxColumns
                   select $"{path}:{line.Index + 1} has {line.Item.Length} columns";

        Findings.AssertNone(wide);
    }

    [Fact]
    public void No_folder_of_the_product_holds_more_than_12_sources()
    {
        var full = from source in ProductSources.All
                   group source by Path.GetDirectoryName(source.Path)! into folder
                   where folder.Count() > MaxFilesOfFolder && !FullFolders.ContainsKey(folder.Key)
                   select $"{folder.Key} has {folder.Count()} files";

        Findings.AssertNone(full);
    }

    [Fact]
    public void Folders_are_two_levels_deep_at_most()
    {
        var deep = from source in ProductSources.All
                   where source.Folder.Count(c => c == '/') > 1
                   select source.Path;

        Findings.AssertNone(deep);
    }

    [Fact]
    public void Constructors_take_at_most_6_parameters()
    {
        var long_ = from source in ProductSources.All
                    from node in source.Root.DescendantNodes()
                    let parameters = node switch
                    {
                        ConstructorDeclarationSyntax constructor => constructor.ParameterList,
                        TypeDeclarationSyntax type => type.ParameterList,
                        _ => null,
                    }
                    where parameters is not null && parameters.Parameters.Count > MaxConstructorParameters
                    select $"{ProductSources.LocationOf(source, node)} takes {parameters.Parameters.Count}";

        Findings.AssertNone(long_);
    }

    [Fact]
    public void Methods_have_at_most_70_lines()
    {
        var long_ = from source in ProductSources.All
                    where !Path.GetFileName(source.Path).StartsWith("Blake3.", StringComparison.Ordinal)
                    from node in source.Root.DescendantNodes()
                    where node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax
                        or AccessorDeclarationSyntax
                    let lines = node.GetLocation().GetLineSpan()
                    let count = lines.EndLinePosition.Line - lines.StartLinePosition.Line + 1
                    where count > MaxMethodLines
                    select $"{ProductSources.LocationOf(source, node)} has {count} lines";

        Findings.AssertNone(long_);
    }

    [Fact]
    public void A_file_is_named_after_its_first_type()
    {
        var wrong = from source in ProductSources.All
                    let types = source.Types.Select(ProductSources.NameOf).ToArray()
                    let name = Path.GetFileName(source.Path).Split('.')[0]
                    where types.Length != 0 && name is not ("Program" or "Errors") && !types.Contains(name)
                    select $"{source.Path} declares {string.Join(", ", types)}";

        Findings.AssertNone(wrong);
    }
}
