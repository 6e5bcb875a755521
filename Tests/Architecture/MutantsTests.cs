using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Architecture;

/// <summary>The faults that <c>eng/mutants.sh</c> makes still fit the sources.</summary>
public sealed class MutantsTests
{
    [Fact]
    public void Each_mutant_changes_a_text_that_its_file_has_once()
    {
        var mutants = Read();
        var wrong = from mutant in mutants
                    let text = File.ReadAllText(Repository.PathOf(mutant.File))
                    let count = text.Split(mutant.Old).Length - 1
                    where count != 1 || !mutant.New.Contains("MUTANT", StringComparison.Ordinal)
                    select $"mutant {mutant.Number}: {mutant.File} has its text {count} times: change eng/mutants/list";

        Assert.Equal(Enumerable.Range(1, 48), mutants.Select(mutant => mutant.Number));
        Findings.AssertNone(wrong);
    }

    [Fact]
    public void Each_mutant_names_tests_that_there_are()
    {
        var tests = Repository.Sources("Tests").Select(path => path.Split('/'))
            .ToLookup(parts => parts[1], parts => Path.GetFileNameWithoutExtension(parts[^1]));

        Assert.All(Read(), mutant => Assert.Contains(mutant.Class, tests[mutant.Area]));
    }

    private static List<Mutant> Read()
    {
        var mutants = new List<Mutant>();
        foreach (var line in File.ReadLines(Repository.PathOf("eng/mutants/list")))
        {
            var words = line.Split(' ');
            switch (line)
            {
                case ['m', 'u', ..]:
                    mutants.Add(new Mutant(int.Parse(words[1])));
                    break;
                case ['f', ..]:
                    mutants[^1].File = words[1];
                    break;
                case ['t', ..]:
                    (mutants[^1].Area, mutants[^1].Class) = (words[1], words[2]);
                    break;
                case ['-', ..]:
                    mutants[^1].Old = Joined(mutants[^1].Old, line);
                    break;
                case ['+', ..]:
                    mutants[^1].New = Joined(mutants[^1].New, line);
                    break;
                default:
                    break;
            }
        }
        return mutants;
    }

    private static string Joined(string text, string line) => text.Length == 0 ? line[1..] : $"{text}\n{line[1..]}";

    private sealed record Mutant(int Number)
    {
        public string File { get; set; } = "";

        public string Area { get; set; } = "";

        public string Class { get; set; } = "";

        public string Old { get; set; } = "";

        public string New { get; set; } = "";
    }
}
