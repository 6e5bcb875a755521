using System.Diagnostics;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Admin.CommandLine;

/// <summary>The completion scripts, in the shells that they are for.</summary>
public sealed class CompletionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("ota-admin pub", "publish")]
    [InlineData("ota-admin tokens c", "create")]
    [InlineData("ota-admin tokens create --ro", "--role --root")]
    [InlineData("ota-admin tokens create --role p", "publisher")]
    [InlineData("ota-admin tokens create --role=p", "publisher")]
    [InlineData("ota-admin releases --serv", "--server")]
    [InlineData("ota-admin completion z", "zsh")]
    public async Task Bash_completes_commands_options_and_values(string line, string expected)
    {
        await WriteAsync("bash", "ota-admin.bash");
        var script = $$"""
            . '{{_folder["ota-admin.bash"]}}'
            line='{{line.Replace("=", " = ", StringComparison.Ordinal)}}'
            read -ra COMP_WORDS <<<"$line"
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _ota_admin
            echo "${COMPREPLY[@]}"
            """;

        Assert.Equal(expected + "\n", await RunAsync("bash", "-c", script));
    }

    [FactIfInstalled("zsh")]
    public async Task Zsh_completes_commands_options_and_values()
    {
        await WriteAsync("zsh", "_ota-admin");
        var script = $$"""
            compdef() { :; }
            compadd() { print -r -- "$@"; }
            _describe() { print -rl -- "${(@P)2}"; }
            compset() { :; }
            _files() { print FILES; }
            source '{{_folder["_ota-admin"]}}'
            words=(ota-admin tokens ''); CURRENT=3; PREFIX=; _ota-admin
            words=(ota-admin tokens create --role ''); CURRENT=5; _ota-admin
            words=(ota-admin publish --keys ''); CURRENT=4; _ota-admin
            words=(ota-admin publish --l); CURRENT=3; PREFIX=--l; _ota-admin
            """;

        var output = await RunAsync("zsh", "-fc", script);

        Assert.Contains("create:", output, StringComparison.Ordinal);
        Assert.Contains("admin install publisher reader\n", output, StringComparison.Ordinal);
        Assert.Contains("FILES\n", output, StringComparison.Ordinal);
        Assert.Contains("--links:", output, StringComparison.Ordinal);
    }

    [FactIfInstalled("fish")]
    public async Task Fish_completes_commands_options_and_values()
    {
        await WriteAsync("fish", "ota-admin.fish");

        async Task<string> CompleteAsync(string line) =>
            await RunAsync("fish", "--no-config", "-c", $"source {_folder["ota-admin.fish"]}; complete -C '{line}'");

        Assert.Contains("publish\t", await CompleteAsync("ota-admin pub"), StringComparison.Ordinal);
        Assert.Contains("create\t", await CompleteAsync("ota-admin tokens c"), StringComparison.Ordinal);
        Assert.StartsWith("publisher", await CompleteAsync("ota-admin tokens create --role p"),
            StringComparison.Ordinal);
        Assert.Contains("--server", await CompleteAsync("ota-admin releases --serv"), StringComparison.Ordinal);
    }

    [FactIfInstalled("groff")]
    public async Task The_manual_page_is_troff_without_a_warning_and_names_every_command()
    {
        var page = (await AdminProcess.RunAsync("manual")).Succeeded().Out;
        await File.WriteAllTextAsync(_folder["ota-admin.1"], page);

        using var groff = Process.Start(new ProcessStartInfo("groff",
            ["-man", "-Tutf8", "-P-cbou", "-ww", _folder["ota-admin.1"]])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var error = groff.StandardError.ReadToEndAsync();
        var text = await groff.StandardOutput.ReadToEndAsync();

        Assert.Equal("", await error);
        foreach (var expected in (string[])["tokens create", "OTA_SERVER", "TLS_REFUSED", "chunkota/NAME.json"])
            Assert.Contains(expected, text, StringComparison.Ordinal);
    }

    private async Task WriteAsync(string shell, string file)
    {
        var run = await AdminProcess.RunAsync("completion", shell);
        await File.WriteAllTextAsync(_folder[file], run.Succeeded().Out);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments) =>
        (await ProgramRun.RunAsync(new Dictionary<string, string?>(), program, arguments)).Succeeded().Out;
}
