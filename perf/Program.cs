using System.Text.Json;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using ChunkOta.Chunking;
using ChunkOta.Perf;
using ChunkOta.Perf.Catalogues;

// dotnet run -c Release --project perf -- throughput FILE: for perf/side-by-side.sh.
if (args is ["throughput", var path])
{
    KernelThroughput.Run(path);
    return;
}

// dotnet run -c Release --project perf -- blake3: our hash beside the Blake3 package's, as "throughput" has it too.
if (args is ["blake3"])
{
    using var output = Console.OpenStandardOutput();
    using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
    Blake3Comparison.Write(json);
    return;
}

// dotnet run -c Release --project perf -- zstd FILE: both implementations of zstd, one JSON line.
if (args is ["zstd", var sample])
{
    ZstdComparison.Run(sample);
    return;
}

// dotnet run -c Release --project perf -- delta best|quick PASSES OLD NEW: for perf/delta.sh.
if (args is ["delta", var quality, var passes, var from, var to])
{
    await DeltaCost.RunAsync(
        from, to, Enum.Parse<DeltaQuality>(quality, ignoreCase: true), int.Parse(passes, provider: null));
    return;
}

// dotnet run -c Release --project perf -- catalogue FOLDER sqlite|CONNECTION CHUNKS...: for perf/catalogue.sh.
if (args is ["catalogue", var folder, var engine, .. var sizes])
{
    await new CatalogueCost(folder, engine == "sqlite" ? null : engine)
        .RunAsync([.. sizes.Select(size => long.Parse(size, provider: null))]);
    return;
}

// dotnet run -c Release --project perf -- --filter '*FastCdc*' [--job short] [--list flat]
// In this process, since a project generated for each benchmark would build half the solution again.
BenchmarkSwitcher
    .FromAssembly(typeof(Throughput).Assembly)
    .Run([.. args, "--inProcess"], DefaultConfig.Instance.AddColumn(new Throughput()));
