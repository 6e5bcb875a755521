namespace ChunkOta.Storage;

/// <summary>The ways in which the store loses an object.</summary>
public enum ObjectFault
{
    /// <summary>It is gone.</summary>
    Missing = 1,

    /// <summary>It is there, but its bytes are not those that were stored.</summary>
    Damaged = 2,
}

/// <summary>The change that a finding makes to the catalogue.</summary>
public enum DamageChange
{
    /// <summary>It is intact as before, or nothing needs what is lost of it.</summary>
    None,

    /// <summary>Its damage was known.</summary>
    Known,

    /// <summary>Its damage was not known before.</summary>
    Found,

    /// <summary>It was known as damaged and is intact again.</summary>
    Healed,
}

/// <summary>The result of verifying one object.</summary>
/// <param name="Name">The object.</param>
/// <param name="Fault">Null: it is intact.</param>
/// <param name="Detail">What is wrong, in a few words; empty for an intact object.</param>
/// <param name="Frames">The damaged frames of a pack whose trailer can be read; empty: the whole object.</param>
/// <param name="ReadBytes">The bytes that were read to find out.</param>
public sealed record ObjectFinding(
    ObjectName Name, ObjectFault? Fault, string Detail, IReadOnlyList<PackFrame> Frames, long ReadBytes)
{
    /// <summary>An intact object.</summary>
    public static ObjectFinding Intact(ObjectName name, long readBytes = 0) => new(name, null, "", [], readBytes);
}

/// <summary>An object that the catalogue needs.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="IsMarked">It is known as missing or damaged.</param>
public readonly record struct ListedObject(ObjectName Name, long Bytes, bool IsMarked);

/// <summary>An object that is missing or damaged.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Fault">Missing or damaged.</param>
/// <param name="Frames">The damaged frames of a pack; 0: the whole object.</param>
/// <param name="Chunks">The chunks that it no longer delivers; 0 for manifests and recipes.</param>
/// <param name="Found">When it was found.</param>
/// <param name="Detail">What is wrong, in a few words.</param>
public sealed record DamagedObject(
    ObjectName Name, ObjectFault Fault, long Frames, long Chunks, DateTimeOffset Found, string Detail);

/// <summary>The devices that a damaged release affects.</summary>
/// <param name="Running">Devices that run it: they cannot be repaired.</param>
/// <param name="Following">Devices of the channels in which it is current: they cannot install it.</param>
public readonly record struct AffectedDevices(long Running, long Following);

/// <summary>The state of all marks, to be compared with another one.</summary>
/// <param name="Marks">How many there are.</param>
/// <param name="Newest">The time of the newest, Unix seconds; 0 for none.</param>
public readonly record struct DamageStamp(long Marks, long Newest);
