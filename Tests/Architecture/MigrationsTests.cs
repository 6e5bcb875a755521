using System.Globalization;
using System.Text.RegularExpressions;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Architecture;

/// <summary>Migrations only add, so that a server of the version before goes on beside the one that migrated:
/// docs/adr/0044.</summary>
public sealed partial class MigrationsTests
{
    /// <summary>No server of an older version was ever released.</summary>
    private const int LastFree = 11;

    [Fact]
    public void A_migration_adds_and_takes_nothing_away()
    {
        var faults = from path in Directory.EnumerateFiles(Repository.PathOf("Store/Sql/Migrations"), "*.sql").Order()
                     let name = Path.GetFileName(path)
                     where int.Parse(name[..4], CultureInfo.InvariantCulture) > LastFree
                     from fault in FaultsOf(File.ReadAllText(path))
                     select $"{name}: {fault}";

        Assert.Empty(faults);
    }

    /// <summary>A statement without the names of its columns breaks when the next version adds one.</summary>
    [Fact]
    public void Statements_name_their_columns()
    {
        var faults = from path in Directory.EnumerateFiles(
                         Repository.PathOf("Store/Sql"), "*.cs", SearchOption.AllDirectories)
                     from Match match in WithoutColumns().Matches(File.ReadAllText(path))
                     select $"{Path.GetFileName(path)}: {match.Value}";

        Assert.Empty(faults);
    }

    [Theory]
    [InlineData("CREATE TABLE notes (id INTEGER PRIMARY KEY, of INTEGER NOT NULL REFERENCES products (id)) STRICT;")]
    [InlineData("CREATE TABLE notes (text TEXT NOT NULL) STRICT; INSERT INTO notes (text) VALUES ('a; b');")]
    [InlineData("CREATE TABLE notes (text TEXT) STRICT; CREATE UNIQUE INDEX notes_by_text ON notes (text);")]
    [InlineData("CREATE INDEX releases_by_build ON releases (build);")]
    [InlineData("ALTER TABLE releases ADD COLUMN a TEXT; ALTER TABLE packs ADD COLUMN a TEXT NOT NULL DEFAULT '';")]
    [InlineData("ALTER TABLE releases ADD COLUMN a TEXT; UPDATE releases SET a = f(build, 1), a = '' WHERE id = 1;")]
    public void What_adds_is_allowed(string script) => Assert.Empty(FaultsOf(script));

    [Theory]
    [InlineData("DROP TABLE releases;")]
    [InlineData("DELETE FROM releases;")]
    [InlineData("ALTER TABLE releases RENAME TO versions;")]
    [InlineData("ALTER TABLE releases DROP COLUMN build;")]
    [InlineData("ALTER TABLE releases RENAME COLUMN build TO metadata;")]
    [InlineData("ALTER TABLE releases ADD COLUMN note TEXT NOT NULL;")]
    [InlineData("ALTER TABLE releases ADD COLUMN note TEXT CHECK (note <> 'a');")]
    [InlineData("ALTER TABLE releases ADD COLUMN pack INTEGER REFERENCES packs (id);")]
    [InlineData("CREATE UNIQUE INDEX releases_by_build ON releases (build);")]
    [InlineData("CREATE TRIGGER t AFTER INSERT ON releases BEGIN SELECT 1; END;")]
    [InlineData("INSERT INTO releases (build) VALUES ('');")]
    [InlineData("ALTER TABLE releases ADD COLUMN a TEXT; UPDATE releases SET a = '', build = '';")]
    // Servers of the version before delete packs.
    [InlineData("CREATE TABLE notes (pack INTEGER NOT NULL REFERENCES packs (id)) STRICT;")]
    public void What_the_version_before_could_meet_is_refused(string script) => Assert.NotEmpty(FaultsOf(script));

    private static IEnumerable<string> FaultsOf(string script)
    {
        HashSet<string> tables = [], columns = [];
        foreach (var statement in Literal().Replace(Comment().Replace(script, ""), "''").Split(';').Select(Trim))
        {
            if (statement.Length > 0 && !Adds(statement, tables, columns))
                yield return $"it does more than add: {statement}";
        }

        static string Trim(string statement) => Space().Replace(statement, " ").Trim();
    }

    /// <param name="statement">One statement, in one line.</param>
    /// <param name="tables">The tables that this migration has added.</param>
    /// <param name="columns">The columns that it has added to older tables, as <c>table.column</c>.</param>
    private static bool Adds(string statement, HashSet<string> tables, HashSet<string> columns)
    {
        if (NewTable().Match(statement) is { Success: true } table)
        {
            tables.Add(table.Groups[1].Value);
            return Reference().Matches(statement).Select(match => match.Groups[1].Value)
                .All(parent => tables.Contains(parent) || !IsDeletedFrom(parent));
        }

        if (NewIndex().Match(statement) is { Success: true } index)
            return index.Groups["unique"].Length == 0 || tables.Contains(index.Groups["table"].Value);
        if (NewColumn().Match(statement) is { Success: true } column)
        {
            columns.Add($"{column.Groups["table"].Value}.{column.Groups["column"].Value}");
            return tables.Contains(column.Groups["table"].Value) || IsOptional(column.Groups["rest"].Value);
        }

        if (Insert().Match(statement) is { Success: true } insert)
            return tables.Contains(insert.Groups[1].Value);
        return Update().Match(statement) is { Success: true } update
            && (tables.Contains(update.Groups["table"].Value)
                || AssignedIn(update.Groups["rest"].Value)
                    .All(name => columns.Contains($"{update.Groups["table"].Value}.{name}")));
    }

    private static bool IsOptional(string definition) =>
        !Constraint().IsMatch(definition)
        && (!definition.Contains("NOT NULL", StringComparison.Ordinal)
            || definition.Contains(" DEFAULT ", StringComparison.Ordinal));

    /// <summary>The columns that the SET of an UPDATE names, without what is in brackets.</summary>
    private static IEnumerable<string> AssignedIn(string assignments)
    {
        for (string before = ""; before != assignments;)
            (before, assignments) = (assignments, Brackets().Replace(assignments, ""));
        return AssignmentEnd().Split(assignments)[0].Split(',').Select(one => one.Split('=')[0].Trim());
    }

    private static bool IsDeletedFrom(string table) =>
        Directory.EnumerateFiles(Repository.PathOf("Store/Sql"), "*.cs", SearchOption.AllDirectories)
            .Any(path => Regex.IsMatch(File.ReadAllText(path), $@"\bDELETE FROM {table}\b"));

    [GeneratedRegex(@"SELECT \*|INSERT INTO \w+ (VALUES|SELECT)")]
    private static partial Regex WithoutColumns();

    [GeneratedRegex("--[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex("'[^']*'")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex(@"^CREATE TABLE (\w+) \(")]
    private static partial Regex NewTable();

    [GeneratedRegex(@"\bREFERENCES (\w+)")]
    private static partial Regex Reference();

    [GeneratedRegex(@"^CREATE (?<unique>UNIQUE )?INDEX \w+ ON (?<table>\w+) ")]
    private static partial Regex NewIndex();

    [GeneratedRegex(@"^ALTER TABLE (?<table>\w+) ADD COLUMN (?<column>\w+) (?<rest>.*)$")]
    private static partial Regex NewColumn();

    [GeneratedRegex(@"\b(UNIQUE|CHECK|REFERENCES|PRIMARY|GENERATED)\b")]
    private static partial Regex Constraint();

    [GeneratedRegex(@"^INSERT INTO (\w+) ")]
    private static partial Regex Insert();

    [GeneratedRegex("^UPDATE (?<table>\\w+) SET (?<rest>.*)$")]
    private static partial Regex Update();

    [GeneratedRegex(@"\([^()]*\)")]
    private static partial Regex Brackets();

    [GeneratedRegex(" (FROM|WHERE) ")]
    private static partial Regex AssignmentEnd();
}
