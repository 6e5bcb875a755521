using System.Reflection;

namespace ChunkOta.Tests.Protos.StandIn;

/// <summary>A gRPC binary as the feed serves it: a package's assembly for one target framework.</summary>
internal static class RealBinary
{
    /// <summary>Every binary that our builds bind to the stand-ins, with its SHA-256.</summary>
    public static TheoryData<string, string, string> All => new()
    {
        { "Grpc.Net.Client", "net10.0", "a2bdafc8d6a7baa8b8f6c0b39d8a7f859ad84af14380ccae118c2f5316602212" },
        { "Grpc.Net.Client", "net9.0", "0f15c09bbe67d62f0136caf6fc0cd47f109c2a87e87826d4929ffcc64430f839" },
        { "Grpc.AspNetCore.Server", "net10.0", "201bf53605b38c9e363edd0dd4fdb9a727c0fe3f8d30db5b27f9743163ebd262" },
    };

    public static string PathOf(string package, string framework)
    {
        var folder = typeof(RealBinary).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(metadata => metadata.Key == package).Value!;
        return Path.Combine(folder, "lib", framework, package + ".dll");
    }
}
