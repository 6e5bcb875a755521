using System.Text.RegularExpressions;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Architecture;

/// <summary>Only Store/Durable changes files: elsewhere an fsync error would be lost and no fault could be
/// injected.</summary>
public sealed partial class FileWritesTests
{
    /// <summary>Sources that server and agent run, but for ota-admin, whose files are its user's own.</summary>
    private static readonly string[] Folders =
        ["Chunker", "Protos", "Store/Core", "Server/Core", "Server/Host", "CommandLine", "Agent"];

    /// <summary>The lines that may stand, by file and by what they do, each for a reason.</summary>
    private static readonly (string File, string Call, string Why)[] Allowed =
    [
        ("CommandLine/NameLookup.cs", "LibraryImport",
            "tells the C library where host names come from, and writes nothing"),
        ("CommandLine/Output/StandardStream.cs", "File.OpenHandle",
            "opens /dev/null in place of a closed stream, so that no other file gets its descriptor"),
        ("CommandLine/Output/StandardStream.cs", "new StreamWriter",
            "encodes text for standard output and standard error"),
    ];

    [Fact]
    public void Nothing_but_Store_Durable_changes_files()
    {
        var strays = from file in Repository.Sources(Folders)
                     from line in File.ReadLines(Repository.PathOf(file))
                         .Select((text, index) => (Text: text, Number: index + 1))
                     where !line.Text.TrimStart().StartsWith("//", StringComparison.Ordinal)
                     from Match call in Writes().Matches(line.Text)
                     where !Allowed.Any(allowed => allowed.File == file
                         && call.Value.StartsWith(allowed.Call, StringComparison.Ordinal))
                     select $"{file}:{line.Number} {call.Value}: write through Store/Durable";

        Assert.Empty(strays);
    }

    [Fact]
    public void What_is_allowed_is_there()
    {
        Assert.All(Allowed, allowed => Assert.Contains(
            allowed.Call, File.ReadAllText(Repository.PathOf(allowed.File)), StringComparison.Ordinal));
        Assert.All(Allowed, allowed => Assert.NotEmpty(allowed.Why));
    }

    [Theory]
    [InlineData("File.WriteAllText(path, text);")]
    [InlineData("await File.WriteAllBytesAsync(path, bytes);")]
    [InlineData("File.AppendAllLines(path, lines);")]
    [InlineData("using var file = File.Create(path);")]
    [InlineData("File.Move(a, b, true);")]
    [InlineData("File.CreateSymbolicLink(a, b);")]
    [InlineData("System.IO.File.SetUnixFileMode(a, mode);")]
    [InlineData("new FileStream(path, FileMode.Open)")]
    [InlineData("new StreamWriter(path)")]
    [InlineData("Directory.CreateDirectory(path);")]
    [InlineData("Directory.Delete(path, true);")]
    [InlineData("RandomAccess.Write(handle, bytes, 0);")]
    [InlineData("new FileInfo(path).Delete()")]
    [InlineData("new DirectoryInfo(path).Create()")]
    [InlineData("File.OpenHandle(path, FileMode.Create)")]
    [InlineData("MemoryMappedFile.CreateFromFile(path)")]
    [InlineData("Path.GetTempFileName()")]
    [InlineData("[LibraryImport(\"libc\")]")]
    public void The_pattern_knows_a_write(string line) => Assert.Matches(Writes(), line);

    [Theory]
    [InlineData("File.ReadAllBytes(path)")]
    [InlineData("File.Exists(path)")]
    [InlineData("Directory.Exists(path)")]
    [InlineData("AtomicFile.Replace(path, bytes);")]
    [InlineData("DurableFile.Create(path)")]
    [InlineData("_profile.Create(x)")]
    public void The_pattern_lets_reads_and_our_own_layer_pass(string line) => Assert.DoesNotMatch(Writes(), line);

    [GeneratedRegex(
        """
        (?<![A-Za-z])File\.(Write|Append|Create|Open(Write|Handle)?\(|Copy|Move|Replace|Delete|Set|Encrypt)\w*
        |(?<![A-Za-z])Directory\.(Create|Delete|Move|Set)\w*
        |new\ (FileStream|StreamWriter|FileInfo|DirectoryInfo)\b
        |RandomAccess\.(Write|SetLength)\w*
        |MemoryMappedFile\.|Path\.GetTempFileName|LibraryImport\("libc"|DllImport\("libc"
        """,
        RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Writes();
}
