using System.Reflection;
using System.Runtime.InteropServices;
using ChunkOta.Protos;

namespace ChunkOta.Tests.Protos.Trust;

/// <summary>
/// The library that static programs are linked with: here Debian's shared one, of the same source package.
/// </summary>
public sealed class LibsodiumEd25519Tests : Ed25519Contract
{
    static LibsodiumEd25519Tests() =>
        NativeLibrary.SetDllImportResolver(typeof(Ed25519).Assembly, (name, _, _) => name == "libsodium" ? Debian : 0);

    private static nint Debian { get; } = NativeLibrary.Load("libsodium.so.23");

    private protected override IEd25519 Library { get; } = new LibsodiumEd25519();

    [Fact]
    public void It_is_not_the_libsodium_of_NSec() => Assert.NotEqual(Debian, LoadedByNSec());

    [Fact]
    public void It_agrees_with_NSec_on_signatures_changed_at_random()
    {
        var random = new Random(25519);
        var other = new NSecEd25519();
        var (seed, publicKey, message) = (new byte[32], new byte[32], new byte[40]);
        var (signature, theirs) = (new byte[64], new byte[64]);
        for (var i = 0; i < 2_000; i++)
        {
            random.NextBytes(seed);
            random.NextBytes(message);
            Library.DerivePublicKey(seed, publicKey);
            Library.Sign(seed, publicKey, message, signature);
            other.Sign(seed, publicKey, message, theirs);
            Assert.Equal(signature, theirs);

            var part = random.Next(4) switch { 0 => publicKey, 1 => message, 2 => signature, _ => [] };
            if (part.Length > 0) part[random.Next(part.Length)] = (byte)random.Next(256);
            Assert.Equal(
                other.Verify(publicKey, message, signature), Library.Verify(publicKey, message, signature));
        }
    }

    private static nint LoadedByNSec()
    {
        var nsec = Assembly.Load("NSec.Cryptography");
        return NativeLibrary.Load("libsodium", nsec, null);
    }
}
