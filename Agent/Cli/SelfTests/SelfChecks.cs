using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent.Cli;

/// <summary>The checks of <c>selftest</c>: published vectors against the code and libraries of this very binary.</summary>
/// <remarks>A check answers what is wrong, or null. They are for the shipped binary, where no test project runs: a
/// statically linked C library, code compiled ahead of time, another processor.</remarks>
internal static class SelfChecks
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

    /// <summary>All checks by name.</summary>
    public static IEnumerable<(string Name, Func<string?> Check)> All()
    {
        foreach (var kernel in Enum.GetValues<Blake3.Kernel>())
        {
            if (Blake3.IsSupported(kernel))
                yield return ($"blake3 {kernel}{(kernel == Blake3.WidestKernel ? " (in use)" : "")}", () => Hash(kernel));
        }
        yield return ("zstd", Decompress);
        yield return ("libsodium Ed25519", Sign);
        yield return ("DUR-00 syncfs(-1) says EBADF", SyncNothing);
        foreach (var way in Enum.GetValues<BeneathWay>())
        {
            var isInUse = way == BeneathOpen.Available;
            if (isInUse || way == BeneathWay.OpenAt)
                yield return ($"paths stay inside by {way}{(isInUse ? " (in use)" : "")}", () => Escape(way));
        }
        yield return ("links are flipped by rename", Flip);
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
            for (var at = 0; at < length; at += 1000)
                hasher.Append(input.AsSpan(at, Math.Min(1000, length - at)));
            if (hasher.Finish().ToString() != expected)
                return $"wrong digest of {length} bytes in pieces";
        }
        return null;
    }

    /// <summary>A frame that the zstd command made at level 19. The agent has no encoder.</summary>
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

    /// <summary>RFC 8032, 7.1, test 1: the signature of nothing.</summary>
    private static string? Sign()
    {
        using var key = SigningKey.FromSeed(
            Convert.FromHexString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
        const string PublicKey = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        const string Signature = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
            + "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";
        if (Convert.ToHexStringLower(key.PublicKey.Span) != PublicKey)
            return "wrong public key";
        var signature = key.Sign([]);
        if (Convert.ToHexStringLower(signature) != Signature)
            return "wrong signature";
        if (!Ed25519.Verify(key.PublicKey.Span, [], signature))
            return "a right signature is refused";
        signature[7] ^= 1;
        return Ed25519.Verify(key.PublicKey.Span, [], signature) ? "a wrong signature is accepted" : null;
    }

    /// <summary>A failing call must say why: with a second C library in the process, errno reads 0.</summary>
    private static string? SyncNothing()
    {
        var result = Libc.SyncFileSystem(-1);
        var error = (Errno)Marshal.GetLastPInvokeError();
        return result == -1 && error == Errno.BadDescriptor ? null : $"answered {result}, {error}";
    }

    private static string? Escape(BeneathWay way) => InTemporaryDirectory(directory =>
    {
        Fs.MakeDirectory(Path.Combine(directory, "outside"));
        var root = Path.Combine(directory, "tree");
        Fs.MakeDirectory(root);
        using var tree = DirectoryTree.Open(root, way);
        tree.MakeDirectories("inside");
        tree.MakeSymlink("link", "../outside");
        tree.MakeSymlink("inside/up", "..");
        foreach (var path in (ReadOnlySpan<string>)["link/x", "inside/up/y", "../z", "/tmp/zz"])
        {
            try
            {
                tree.CreateFile(path, executable: false).Dispose();
                return $"{path} was created";
            }
            catch (FileSystemException e) when (e.Error is Errno.Loop or Errno.CrossDevice)
            {
                continue;
            }
        }
        tree.CreateFile("inside/file", executable: true).Dispose();
        return null;
    });

    private static string? Flip() => InTemporaryDirectory(directory =>
    {
        var home = new ProductHome(directory);
        home.Make();
        var activation = new SymlinkActivation();
        foreach (var version in (ReadOnlySpan<string>)["1.0.0", "2.0.0"])
        {
            Fs.MakeDirectory(home.ReleaseOf(version));
            activation.SetCurrent(home, version);
            if (activation.FindCurrent(home) != version || !Directory.Exists(home.CurrentLink))
                return $"current does not lead to {version}";
        }
        return null;
    });

    private static string? InTemporaryDirectory(Func<string, string?> check)
    {
        var directory = Path.Combine(
            Path.GetTempPath(), $"ota-agent-selftest-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");
        Fs.MakeDirectories(directory);
        try
        {
            return check(directory);
        }
        finally
        {
            Fs.RemoveTree(directory);
        }
    }
}
