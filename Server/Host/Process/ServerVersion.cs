using System.Reflection;
using System.Runtime.InteropServices;
using ChunkOta.Storage.Sqlite;

namespace ChunkOta.Server;

/// <summary>The version of this server.</summary>
internal static class ServerVersion
{
    /// <summary>The version of this build, without the commit.</summary>
    public static string Text { get; } =
        typeof(ServerVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
            .InformationalVersion.Split('+')[0];

    /// <summary>The versions of the server, SQLite and .NET, for <c>--version</c>.</summary>
    public static string Line =>
        $"ota-server {Text} (SQLite {SqliteCatalogue.LibraryVersion}, {RuntimeInformation.FrameworkDescription})";
}
