using ChunkOta.Server.Core;

namespace ChunkOta.Server;

/// <summary>The small files of a data folder that a server in another place needs: devices pin the key.</summary>
internal static class PrivateFiles
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [TlsFiles.KeyFile, TlsFiles.CertificateFile, AdminToken.FileName];
}
