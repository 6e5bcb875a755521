using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>A program whose own libsodium is gone.</summary>
public sealed class MissingLibraryTests
{
    [Fact]
    public async Task Without_libsodium_a_program_says_so_and_what_to_do()
    {
        using var folder = new TemporaryFolder();
        var program = folder["program"];
        CopyFolder(Path.GetDirectoryName(Programs.Admin)!, program);
        foreach (var library in Directory.EnumerateFiles(program, "libsodium*", SearchOption.AllDirectories))
            await File.WriteAllTextAsync(library, "damaged");

        var run = await ProgramRun.RunAsync(
            new Dictionary<string, string?>(), "dotnet", Path.Combine(program, Path.GetFileName(Programs.Admin)),
            "keys", "init", "--out", folder["keys"]);

        run.Refused("SYSTEM_LIBRARY_MISSING", 9);
        Assert.Contains("libsodium cannot be loaded", run.Error, StringComparison.Ordinal);
        Assert.Contains("reinstall", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["keys"]));
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
