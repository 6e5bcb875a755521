using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Protos.Documents;

/// <summary>A machine without libsodium, made of files that are no libraries and come first.</summary>
public sealed class MissingLibraryTests
{
    [Fact]
    public async Task Without_libsodium_the_package_to_install_is_named()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "libsodium.so", "libsodium.so.23", "libsodium.so.26" })
            await File.WriteAllTextAsync(folder[name], "no library");
        var environment = new Dictionary<string, string?> { ["LD_LIBRARY_PATH"] = folder.Path };

        var run = await ProgramRun.RunAsync(environment, "dotnet", Programs.Admin, "keys", "init", "--out", folder["keys"]);

        run.Refused("SYSTEM_LIBRARY_MISSING", 9);
        Assert.Contains("libsodium23", run.Error, StringComparison.Ordinal);
    }
}
