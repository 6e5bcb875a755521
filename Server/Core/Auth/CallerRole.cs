namespace ChunkOta.Server.Core;

/// <summary>Kinds of callers; each may do all that the ones before it may, except that only devices report.</summary>
public enum CallerRole
{
    /// <summary>An enrolled device: updates of its product.</summary>
    Device,

    /// <summary>The holder of a reader token: figures and lists.</summary>
    Reader,

    /// <summary>The holder of a publisher token.</summary>
    Publisher,

    /// <summary>The holder of an admin token.</summary>
    Admin,
}
