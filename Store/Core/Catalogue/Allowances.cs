namespace ChunkOta.Storage;

/// <summary>Things that are more often a mistake than meant, which a publisher asks for by name.</summary>
[Flags]
public enum Allowances
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A version that does not exceed the channel's others.</summary>
    Older = 1,

    /// <summary>A release without files.</summary>
    Empty = 2,

    /// <summary>A release of less than half the files or bytes of the previous one.</summary>
    Shrink = 4,

    /// <summary>A channel that the product does not have.</summary>
    NewChannel = 8,

    /// <summary>A platform that the product has no release for.</summary>
    NewPlatform = 16,

    /// <summary>The first release since the server was restored from a backup: numbers jump.</summary>
    AfterRestore = 32,
}

/// <summary>The size of a release.</summary>
/// <param name="Files">Files, empty ones included.</param>
/// <param name="Bytes">The sum of their lengths.</param>
public readonly record struct ReleaseSize(long Files, long Bytes);
