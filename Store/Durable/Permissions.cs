namespace ChunkOta.Durable;

/// <summary>The permissions that this product gives: it has no way to say setuid, setgid or sticky.</summary>
/// <remarks>They are set exactly, whatever the process' defaults are.</remarks>
public enum Permissions
{
    /// <summary>A file for the owner alone; 0600 on POSIX.</summary>
    Private,

    /// <summary>An ordinary file that everybody may read; 0644 on POSIX.</summary>
    Ordinary,

    /// <summary>A program, or a directory that everybody may read; 0755 on POSIX.</summary>
    Executable,

    /// <summary>A directory for the owner alone; 0700 on POSIX.</summary>
    PrivateDirectory,
}
