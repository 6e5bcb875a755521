namespace ChunkOta.Tests.Architecture;

/// <summary>Folders of one project know each other one way only, so that each can be read, and moved, alone.</summary>
public sealed class FolderArrowsTests
{
    public static TheoryData<string> Projects => [.. ProductSources.Projects];

    [Theory]
    [MemberData(nameof(Projects))]
    public void The_folders_of_a_project_have_no_cycle(string project)
    {
        var sources = ProductSources.All.Where(source => source.Project == project).ToArray();
        // A name that two folders declare, such as a partial type's, tells nothing about who knows whom.
        var folderOf = (from source in sources
                        from name in source.DeclaredNames
                        group source.Folder by name into folders
                        where folders.Distinct().Count() == 1
                        select (folders.Key, Folder: folders.First())).ToDictionary(name =>
                            name.Key, name => name.Folder);
        var arrows = (from source in sources
                      from name in source.Mentions()
                      let to = folderOf.GetValueOrDefault(name)
                      where to is not null && to != source.Folder
                      group (source.Path, name) by (From: source.Folder, To: to) into uses
                      select uses).ToDictionary(uses => uses.Key, uses => uses.ToArray());

        var cycles = from arrow in arrows
                     where !(IsFile(arrow.Key.From) && IsFile(arrow.Key.To))
                     where Reaches(arrow.Key.To, arrow.Key.From, [])
                     let example = arrow.Value[0]
                     select $"{arrow.Key.From} → {arrow.Key.To}, as {example.Path} uses {example.name}"
                         + $" ({arrow.Value.Length} uses)";

        Findings.AssertNone(cycles);

        static bool IsFile(string folder) => folder.EndsWith(".cs", StringComparison.Ordinal);

        bool Reaches(string from, string to, HashSet<string> seen) => from == to
            || (seen.Add(from) && arrows.Keys.Any(arrow => arrow.From == from && Reaches(arrow.To, to, seen)));
    }
}
