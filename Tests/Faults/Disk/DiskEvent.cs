namespace ChunkOta.Tests.Faults.Disk;

/// <summary>One change of a disk, or a barrier between changes.</summary>
internal abstract record DiskEvent;

/// <summary>Names that changed in one step: it happens whole or not at all.</summary>
internal sealed record NameEvent(IReadOnlyList<NameChange> Changes) : DiskEvent;

/// <summary>A name that changed.</summary>
/// <param name="Directory">The inode of its directory.</param>
/// <param name="Name">The name.</param>
/// <param name="Inode">What has the name now; null when it is free.</param>
internal readonly record struct NameChange(ulong Directory, string Name, ulong? Inode);

/// <summary>A change of permissions.</summary>
internal sealed record ModeEvent(ulong Inode, int Mode) : DiskEvent;

/// <summary>A change of content.</summary>
internal abstract record ContentEvent(ulong Inode) : DiskEvent;

/// <summary>Bytes that were written.</summary>
internal sealed record WriteEvent(ulong Inode, int Offset, byte[] Bytes) : ContentEvent(Inode);

/// <summary>A length that was set.</summary>
internal sealed record LengthEvent(ulong Inode, int Length) : ContentEvent(Inode);

/// <summary>A barrier: of a file, of a directory's names, or of everything when there is no inode.</summary>
internal sealed record SyncEvent(ulong? Inode) : DiskEvent;
