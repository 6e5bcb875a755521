namespace ChunkOta.Protos;

/// <summary>The server's settings that messages of other programs name.</summary>
public static class ServerSettingNames
{
    /// <summary>The largest total size of a release's files, bytes.</summary>
    public const string ReleaseBytes = "Limits:ReleaseBytes";
}
