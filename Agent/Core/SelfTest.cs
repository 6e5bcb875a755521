using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Checks what an agent depends on, in this very binary and on this very machine.</summary>
/// <remarks>For a shipped program, where no test project runs: a statically linked C library,
/// code compiled ahead of time, another CPU.</remarks>
public static class SelfTest
{
    /// <summary>Lists all checks; some make files in the folder for temporary files, and remove them.</summary>
    public static IEnumerable<SelfCheck> Checks() =>
    [
        .. KernelSelfTest.Checks(),
        new SelfCheck("libsodium Ed25519", Sign),
        .. FileSystemSelfTest.Checks(),
        new SelfCheck("links are flipped by rename", () => FileSystemSelfTest.InTemporaryFolder(Flip)),
    ];

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

    private static string? Flip(string folder)
    {
        var home = new ProductHome(folder);
        home.Make();
        var activation = new SymlinkActivation(home);
        foreach (var version in (ReadOnlySpan<string>)["1.0.0", "2.0.0"])
        {
            var release = new InstalledRelease(version, default, 0, 0);
            Fs.MakeDirectory(home.ReleaseOf(version));
            activation.Try(release);
            if (!activation.IsCurrent(release) || !Directory.Exists(home.CurrentLink))
                return $"current does not lead to {version}";
        }
        return null;
    }
}
