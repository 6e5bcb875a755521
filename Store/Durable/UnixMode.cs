namespace ChunkOta.Durable;

/// <summary>The permission bits that this product gives: there is no way to say setuid, setgid or sticky.</summary>
/// <remarks>They are set exactly, whatever the umask; any bit beyond 0777 is masked off before it reaches the
/// disk.</remarks>
public enum UnixMode
{
    /// <summary>0600: for the owner alone.</summary>
    Private = 0b110_000_000,

    /// <summary>0644: an ordinary file.</summary>
    Ordinary = 0b110_100_100,

    /// <summary>0755: a program, or a directory that everybody may read.</summary>
    Executable = 0b111_101_101,

    /// <summary>0700: a directory for the owner alone.</summary>
    PrivateDirectory = 0b111_000_000,
}
