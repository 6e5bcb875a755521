using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>
/// Foreign gRPC clients against the real server: they list releases and pull a chunk, from the .proto files alone.
/// </summary>
public sealed class InteropTests
{
    private const string Scripts = "Tests/EndToEnd/Interop";
    private const string Protos = "Protos/Contract";

    /// <summary>Debian's grpc-proto: gRPC's own services.</summary>
    private const string GrpcProtos = "/usr/share/grpc-proto";

    [FactIfInstalled("protoc grpc_python_plugin b3sum zstd")]
    public async Task Python_grpcio_lists_releases_and_pulls_a_chunk()
    {
        await using var rig = await StartWithReleasesAsync();
        var stubs = rig.PathOf("stubs");
        Directory.CreateDirectory(stubs);
        var files = Directory.EnumerateFiles(Repository.PathOf($"{Protos}/chunkota/v1"), "*.proto");
        (await RunAsync("protoc", [
            "-I", Repository.PathOf(Protos), $"--python_out={stubs}", $"--grpc_out={stubs}",
            "--plugin=protoc-gen-grpc=/usr/bin/grpc_python_plugin", "-I", GrpcProtos, .. files,
            $"{GrpcProtos}/grpc/health/v1/health.proto",
            $"{GrpcProtos}/grpc/reflection/v1alpha/reflection.proto"])).Succeeded();

        // Debian's own Python: python3-grpcio is its package.
        var run = await RunAsync("/usr/bin/python3", [
            Repository.PathOf($"{Scripts}/pull.py"), stubs, Authority(rig), rig.PathOf("reader.token"), "app",
            "lib/large0.bin"]);

        AssertPulled(run);
        Assert.Equal("SERVING", run.Json.GetProperty("health").GetString());
        Assert.Equal(
            [
                "chunkota.v1.Administration", "chunkota.v1.Chunks", "chunkota.v1.Devices", "chunkota.v1.Publishing",
                "chunkota.v1.Releases", "grpc.health.v1.Health",
            ],
            run.Json.GetProperty("services").EnumerateArray().Select(service => service.GetString()));
    }

    [FactIfInstalled("npm node b3sum zstd")]
    [Trait("Category", "Slow")]
    public async Task Node_grpc_js_lists_releases_and_pulls_a_chunk()
    {
        await using var rig = await StartWithReleasesAsync();
        var modules = rig.PathOf("modules");
        Directory.CreateDirectory(modules);
        File.Copy(Repository.PathOf($"{Scripts}/package.json"), Path.Combine(modules, "package.json"));
        (await RunAsync("npm", ["install", "--prefix", modules, "--no-audit", "--no-fund", "--ignore-scripts"]))
            .Succeeded();

        var run = await ProgramRun.RunAsync(
            new Dictionary<string, string?> { ["OTA_INTEROP_MODULES"] = Path.Combine(modules, "package.json") },
            "node", [
                Repository.PathOf($"{Scripts}/pull.mjs"), Repository.PathOf(Protos), Authority(rig),
                rig.PathOf("reader.token"), "app",
                "lib/large0.bin"]);

        AssertPulled(run);
    }

    private static async Task<Rig> StartWithReleasesAsync()
    {
        var rig = await Rig.StartAsync();
        await rig.PublishSampleAsync(0, "1.0.0");
        await rig.PublishSampleAsync(1, "1.1.0");
        var token = (await rig.AdminAsync("tokens", "create", "--role", "reader", "--product", "app")).Succeeded();
        await File.WriteAllTextAsync(rig.PathOf("reader.token"), token.Out);
        return rig;
    }

    private static void AssertPulled(ProgramRun run)
    {
        var pulled = run.Succeeded().Json;
        Assert.Equal(
            ["1.1.0", "1.0.0"], pulled.GetProperty("versions").EnumerateArray().Select(version => version.GetString()));
        Assert.Equal(pulled.GetProperty("chunk").GetString(), pulled.GetProperty("b3sum").GetString());
        Assert.Equal("TOKEN_INVALID", pulled.GetProperty("without_token").GetString());
    }

    private static string Authority(Rig rig) => new Uri(rig.Url).Authority;

    private static Task<ProgramRun> RunAsync(string file, IEnumerable<string> arguments) =>
        ProgramRun.RunAsync(new Dictionary<string, string?>(), file, arguments);
}
