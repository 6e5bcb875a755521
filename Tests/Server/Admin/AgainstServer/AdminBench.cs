using System.Text.Json;
using ChunkOta.Admin;
using ChunkOta.Cli;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Admin.AgainstServer;

/// <summary>
/// A real server, a folder for trees and keys, and ota-admin to use it with; one for the tests of a class.
/// </summary>
public sealed class AdminBench : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private int _products;

    internal ServerProcess Server { get; private set; } = null!;

    internal string TokenFile => _folder["token"];

    public async ValueTask InitializeAsync()
    {
        Server = await ServerProcess.StartAsync(_folder["data"]);
        await File.WriteAllTextAsync(TokenFile, Server.AdminToken);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>The publisher's time of day.</summary>
    internal ShiftedTime Clock { get; } = new();

    /// <summary>A full path of the test's own.</summary>
    internal string PathOf(string name) => _folder[name];

    /// <summary>Serves the same data by a new process.</summary>
    internal async Task RestartAsync(params string[] settings)
    {
        await Server.DisposeAsync();
        Server = await ServerProcess.StartAsync(_folder["data"], settings);
    }

    /// <summary>Runs one command with the admin token.</summary>
    internal Task<ProgramRun> RunAsync(params string[] arguments) =>
        RunWithoutTokenAsync([.. arguments, "--token", $"@{TokenFile}"]);

    /// <summary>Runs one command; the caller says by which token.</summary>
    internal Task<ProgramRun> RunWithoutTokenAsync(params string[] arguments) => RunOnAsync(Server.Grpc, arguments);

    /// <summary>Runs one command on a port; the caller says by which token.</summary>
    internal async Task<ProgramRun> RunOnAsync(Uri server, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await AdminProgram.RunAsync(
            [.. arguments, "--server", server.ToString()],
            new Terminal { In = TextReader.Null, Out = output, Error = error }, Clock, CancellationToken.None);
        return new ProgramRun(code, output.ToString(), error.ToString());
    }

    /// <summary>Runs one command that must succeed, and reads its JSON.</summary>
    internal async Task<JsonElement> AnswerAsync(params string[] arguments) =>
        (await RunAsync([.. arguments, "--json"])).Succeeded().Json;

    /// <summary>Runs one command that must fail.</summary>
    /// <returns>The stable code of its failure.</returns>
    internal async Task<string> RefusalAsync(int exitCode, params string[] arguments)
    {
        var run = await RunAsync([.. arguments, "--json"]);
        Assert.True(run.ExitCode == exitCode, $"{run.ExitCode}: {run.Out}{run.Error}");
        return run.Code;
    }

    /// <summary>A product that no other test has, with keys and an empty tree of its own.</summary>
    internal async Task<BenchProduct> CreateProductAsync()
    {
        var product = new BenchProduct(this, Interlocked.Increment(ref _products));
        Directory.CreateDirectory(product.Tree);
        await AnswerAsync("keys", "init", "--out", product.Keys);
        await AnswerAsync("products", "create", product.Name, "--root", product.Root);
        return product;
    }

    /// <summary>A new product whose release 1.0.0, one file of that length, is current in channel stable.</summary>
    internal async Task<BenchProduct> PublishProductAsync(int bytes)
    {
        var product = await CreateProductAsync();
        product.Write("file", bytes);
        await AnswerAsync(product.Publish("1.0.0"));
        return product;
    }
}

/// <summary>A product of a test.</summary>
internal sealed record BenchProduct(AdminBench Bench, int Number)
{
    public string Name => $"product{Number}";

    public string Keys => Bench.PathOf($"{Name}.keys");

    public string Root => Path.Combine(Keys, "root.json");

    public string Tree => Bench.PathOf($"{Name}.tree");

    /// <summary>The command line that publishes the tree; later options win over none: none is given twice.</summary>
    public string[] Publish(string version, string channel = "stable", params string[] more) =>
    [
        "publish", Tree, "--product", Name, "--version", version, "--platform", "linux-x64", "--channel", channel,
        "--keys", Keys, .. more,
    ];

    /// <summary>Writes a file of the tree whose content nothing else has.</summary>
    public byte[] Write(string path, int bytes, int seed = 0)
    {
        var content = new byte[bytes];
        new Random((Number * 1_000) + seed).NextBytes(content);
        var full = Path.Combine(Tree, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, content);
        return content;
    }
}
