using System.Runtime.InteropServices;

namespace ChunkOta.Server;

/// <summary>OpenSSL, which .NET loads by name when it is first needed.</summary>
internal static class OpenSsl
{
    /// <summary>In the order of their dependencies.</summary>
    private static readonly string[] Libraries = ["libcrypto.so.3", "libssl.so.3"];

    /// <summary>
    /// Loads the system's OpenSSL 3, whose security updates the system gets; where there is none, the one beside the
    /// program. Does nothing if there is neither: another version of the system may fit .NET.
    /// </summary>
    public static void Load()
    {
        if (!OperatingSystem.IsLinux() || NativeLibrary.TryLoad(Libraries[^1], out _)) return;
        // What is loaded once is found by its name from then on.
        foreach (var library in Libraries)
            NativeLibrary.TryLoad(Path.Combine(AppContext.BaseDirectory, library), out _);
    }
}
