using System.Text;

namespace ChunkOta.Chunking;

/// <summary>Checks the kernels of this very binary, on this very CPU, against published vectors.</summary>
/// <remarks>For a shipped program, where no test project runs: a statically linked C library, code compiled ahead of
/// time, another CPU.</remarks>
public static class KernelSelfTest
{
    /// <summary>The published BLAKE3 vectors: lengths of the input 0, 1, …, 250, 0, 1, …, and the digests.</summary>
    private static readonly (int Length, string Digest)[] Blake3Vectors =
    [
        (0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"),
        (1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"),
        (1023, "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11"),
        (1024, "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"),
        (1025, "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"),
        (3073, "7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3"),
        (8193, "bab6c09cb8ce8cf459261398d2e7aef35700bf488116ceb94a36d0f5f1b7bc3b"),
        (31744, "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47"),
        (102400, "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085"),
    ];

    /// <summary>Lists a check for each BLAKE3 kernel that this CPU supports, and one for zstd.</summary>
    public static IEnumerable<SelfCheck> Checks()
    {
        foreach (var kernel in Enum.GetValues<Blake3.Kernel>())
        {
            if (Blake3.IsSupported(kernel))
            {
                var isInUse = kernel == Blake3.WidestKernel;
                yield return new SelfCheck($"blake3 {kernel}{(isInUse ? " (in use)" : "")}", () => Hash(kernel));
            }
        }
        yield return new SelfCheck("zstd", Decompress);
    }

    private static string? Hash(Blake3.Kernel kernel)
    {
        foreach (var (length, expected) in Blake3Vectors)
        {
            var input = new byte[length];
            for (var i = 0; i < length; i++)
                input[i] = (byte)(i % 251);
            if (Blake3.Hash(input, kernel).ToString() != expected)
                return $"wrong digest of {length} bytes";
            var hasher = new Blake3Hasher(kernel);
            for (var offset = 0; offset < length; offset += 1000)
                hasher.Append(input.AsSpan(offset, Math.Min(1000, length - offset)));
            if (hasher.Finish().ToString() != expected)
                return $"wrong digest of {length} bytes in pieces";
        }
        return null;
    }

    /// <summary>Decodes a frame that the zstd command made at level 19. The agent has no encoder.</summary>
    private static string? Decompress()
    {
        const string Plain =
            "ChunkOta ChunkOta ChunkOta ChunkOta selftest selftest selftest 0123456789 0123456789\n";
        var frame = Convert.FromHexString(
            "28b52ffd2055350100e04368756e6b4f74612073656c6674657374303132333435363738390a03002e06020967588e");
        var plain = new byte[Plain.Length];
        using var decoder = new ZstdDecoder();
        decoder.Decode(frame, plain);
        return Encoding.ASCII.GetString(plain) == Plain ? null : "wrong content";
    }
}
