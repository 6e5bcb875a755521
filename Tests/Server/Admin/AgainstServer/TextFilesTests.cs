using System.Text;

namespace ChunkOta.Tests.Admin.AgainstServer;

/// <summary>Text files as editors and other systems write them: one behaviour for all that ota-admin reads.</summary>
public sealed class TextFilesTests(AdminBench bench) : IClassFixture<AdminBench>
{
    private static readonly string[] KeyFiles = ["release.key", "channel.key", "root.json"];

    [Theory]
    [InlineData("\ufeff", "\n")]
    [InlineData("", "\r\n")]
    [InlineData("\ufeff", "\r\n")]
    [InlineData("\n\n", "\n")]
    public async Task Mark_CRLF_and_blank_lines_make_no_difference(string before, string lineEnd)
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);
        product.Write("file.tmp", 1_000, seed: 2);
        await WriteAsync(Path.Combine(product.Tree, ".otaignore"), "*.tmp\n");
        await WriteAsync(bench.PathOf("notes"), "one\ntwo\n");
        foreach (var name in KeyFiles)
        {
            var path = Path.Combine(product.Keys, name);
            await WriteAsync(path, await File.ReadAllTextAsync(path));
        }

        await WriteAsync(bench.PathOf("own.token"), bench.Server.AdminToken + "\n");
        await WriteAsync(
            bench.PathOf("own.crt"), await File.ReadAllTextAsync(Path.Combine(bench.Server.Data, "tls.crt")));

        var run = (await bench.RunOnAsync(
            bench.Server.Tls,
            [
                .. product.Publish("1.0.0", "stable", "--notes", bench.PathOf("notes")), "--json",
                "--token", $"@{bench.PathOf("own.token")}", "--ca", bench.PathOf("own.crt"),
            ])).Succeeded();
        var shown = await bench.AnswerAsync("show", product.Name, "1.0.0", "--root", product.Root);

        Assert.Equal(1, run.Json.GetProperty("excluded").GetInt32());
        Assert.Equal("one\ntwo", shown.GetProperty("notes").GetString()!.Trim('\n'));

        // A byte order mark before blank lines is no mark: the key files have it first.
        Task WriteAsync(string path, string text) => File.WriteAllTextAsync(
            path, before + text.Replace("\n", lineEnd, StringComparison.Ordinal), new UTF8Encoding(false));
    }

    [Theory]
    [InlineData("\ufeff", "\n")]
    [InlineData("\ufeff", "\r\n")]
    public async Task A_profile_and_keys_that_are_handed_over_are_read_like_files(string before, string lineEnd)
    {
        var product = await bench.CreateProductAsync();
        var config = bench.PathOf($"{product.Name}.config");
        Dictionary<string, string> environment = new() { ["XDG_CONFIG_HOME"] = config };
        (await AdminProcess.RunInAsync(
            environment, "login", bench.Server.Grpc.ToString(), "--token", $"@{bench.TokenFile}")).Succeeded();
        var profile = Path.Combine(config, "chunkota", "default.json");
        var text = await File.ReadAllTextAsync(profile);
        await File.WriteAllTextAsync(
            profile, before + text.Replace("\n", lineEnd, StringComparison.Ordinal), new UTF8Encoding(false));
        environment["KEY"] = before + await File.ReadAllTextAsync(Path.Combine(product.Keys, "root.key")) + lineEnd;

        (await AdminProcess.RunInAsync(environment, "products", "list")).Succeeded();
        (await AdminProcess.RunInAsync(
            environment, "keys", "renew", "--keys", product.Keys, "--key-env", "KEY")).Succeeded();

        await File.WriteAllTextAsync(profile, text, Encoding.Unicode);
        var run = await AdminProcess.RunInAsync(environment, "products", "list");
        run.Refused("CONFIG_INVALID", 2);
        Assert.Contains(
            "default.json: it is UTF-16, or not text: save it as UTF-8", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("release.key")]
    [InlineData("root.json")]
    [InlineData("token")]
    [InlineData("tls.crt")]
    [InlineData("notes")]
    [InlineData(".otaignore")]
    public async Task UTF16_is_refused_by_the_file_and_changes_nothing(string which)
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);
        Dictionary<string, string> files = new()
        {
            ["token"] = bench.PathOf($"{product.Name}.token"),
            ["tls.crt"] = bench.PathOf($"{product.Name}.crt"),
            ["notes"] = bench.PathOf($"{product.Name}.notes"),
            [".otaignore"] = Path.Combine(product.Tree, ".otaignore"),
            ["release.key"] = Path.Combine(product.Keys, "release.key"),
            ["root.json"] = product.Root,
        };
        await File.WriteAllTextAsync(files["token"], bench.Server.AdminToken);
        File.Copy(Path.Combine(bench.Server.Data, "tls.crt"), files["tls.crt"]);
        await File.WriteAllTextAsync(files["notes"], "news");
        await File.WriteAllTextAsync(files[".otaignore"], "*.tmp");
        await File.WriteAllTextAsync(files[which], await File.ReadAllTextAsync(files[which]), Encoding.Unicode);

        var run = await bench.RunOnAsync(
            bench.Server.Tls,
            [
                .. product.Publish("1.0.0", "stable", "--notes", files["notes"]),
                "--token", $"@{files["token"]}", "--ca", files["tls.crt"],
            ]);

        Assert.Equal(2, run.ExitCode);
        Assert.Matches("error CONFIG_INVALID: the file is not UTF-8 text: .*" + Path.GetFileName(files[which])
            + ": it is UTF-16, or not text: save it as UTF-8", run.Error);
        Assert.Empty((await bench.AnswerAsync("releases", product.Name)).GetProperty("releases").EnumerateArray());
    }
}
