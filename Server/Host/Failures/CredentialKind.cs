namespace ChunkOta.Server;

/// <summary>The kind of credential that a caller sends.</summary>
internal enum CredentialKind
{
    /// <summary>A bearer or install token.</summary>
    Token,

    /// <summary>The signature of a device.</summary>
    Signature,
}
