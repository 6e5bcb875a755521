using System.Xml.Linq;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Packages;

/// <summary>What <c>dist.sh</c> built.</summary>
internal static class Distribution
{
    /// <summary>The names of the three programs.</summary>
    public static readonly string[] Programs = ["ota-server", "ota-admin", "ota-agent"];

    /// <summary>The version that packages and archives are named after.</summary>
    public static string Version { get; } = XDocument.Load(Repository.PathOf("Directory.Build.props"))
        .Descendants("VersionPrefix").Single().Value;

    public static string Folder { get; } = Repository.PathOf("artifacts/dist");

    /// <summary>The full path of a file, which must be there.</summary>
    public static string PathOf(string name)
    {
        var path = Path.Combine(Folder, name);
        Assert.True(File.Exists(path), $"{path} is missing; ./dist.sh makes it, as ./test.sh does");
        return path;
    }

    /// <summary>The Debian packages of a processor.</summary>
    public static string[] Packages(string architecture) =>
        [.. new[] { "server", "admin", "agent" }.Select(
            name => PathOf($"chunkota-{name}_{Version}_{architecture}.deb"))];

    /// <summary>The archive of a program.</summary>
    public static string Archive(string program, string rid) => PathOf($"{program}-{Version}-{rid}.tar.gz");

    /// <summary>The server's image.</summary>
    public static string Image(string rid) => PathOf($"ota-server-{Version}-{rid}.oci.tar");
}
