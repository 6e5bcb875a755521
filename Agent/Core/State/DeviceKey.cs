using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The device's own Ed25519 key: made here, never sent anywhere.</summary>
/// <remarks>
/// <code>
/// offset  size  field
///      0     8  magic "COTADKEY"
///      8     4  version, u32le: 1
///     12    32  seed of the key
///     44    32  BLAKE3 of all bytes before
/// </code>
/// </remarks>
internal static class DeviceKey
{
    private const int FileBytes = 76;
    private const int SeedOffset = 12;
    private const int ChecksumOffset = 44;

    private static ReadOnlySpan<byte> Header => "COTADKEY\u0001\0\0\0"u8;

    /// <summary>Tells whether the device has a key.</summary>
    /// <param name="home">The agent's folder.</param>
    public static bool Exists(AgentHome home) => Fs.FindStatus(home.DeviceKeyPath) is not null;

    /// <summary>Opens the key, or makes it if there is none.</summary>
    /// <param name="home">The agent's folder; made already, its lock held.</param>
    /// <returns>The caller's to dispose of.</returns>
    /// <exception cref="ChunkOtaException"><c>KEY_INVALID</c>, <c>KEY_EXPOSED</c>.</exception>
    public static SigningKey OpenOrCreate(AgentHome home)
    {
        if (Find(home) is { } key)
            return key;
        var made = SigningKey.Generate();
        Span<byte> file = stackalloc byte[FileBytes];
        Header.CopyTo(file);
        made.Seed.CopyTo(file[SeedOffset..]);
        Digest.Of(file[..ChecksumOffset]).CopyTo(file[ChecksumOffset..]);
        AtomicFile.Replace(home.DeviceKeyPath, file);
        file.Clear();
        return made;
    }

    /// <summary>Opens the key; null when the device has none yet.</summary>
    /// <param name="home">The agent's folder.</param>
    /// <returns>The caller's to dispose of.</returns>
    /// <exception cref="ChunkOtaException"><c>KEY_INVALID</c>: damaged. <c>KEY_EXPOSED</c>: not private.</exception>
    public static SigningKey? Find(AgentHome home)
    {
        var path = home.DeviceKeyPath;
        using var file = DurableFile.TryOpenRead(path);
        if (file is null)
            return null;
        var status = file.Status;
        if ((status.Mode & 0b000_111_111) != 0)
            throw new ChunkOtaException(ErrorCodes.KeyExposed, $"{path} can be read by other users");
        Span<byte> bytes = stackalloc byte[FileBytes];
        if (status.Length != FileBytes
            || file.ReadAt(0, bytes) != FileBytes
            || !bytes.StartsWith(Header)
            || Digest.Of(bytes[..ChecksumOffset]) != Digest.FromBytes(bytes[ChecksumOffset..]))
        {
            throw new ChunkOtaException(ErrorCodes.KeyInvalid, $"{path} is damaged: remove it and enrol again");
        }
        var key = SigningKey.FromSeed(bytes[SeedOffset..ChecksumOffset]);
        bytes.Clear();
        return key;
    }
}
