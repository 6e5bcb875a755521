using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ChunkOta.Protos;

/// <summary>The calls of libsodium that are used here, and how the library is found.</summary>
/// <remarks>In Native AOT they are linked in; under JIT the library is loaded by the name its ABI has on Debian.</remarks>
internal static partial class Sodium
{
    private const string Library = "libsodium";

    // The names its ABI has had on Linux, the oldest that is still shipped first.
    private static readonly string[] LinuxNames = ["libsodium.so.23", "libsodium.so.26"];

    private static readonly string? Problem = Load();

    /// <summary>Makes a key pair of a seed.</summary>
    /// <param name="publicKey">Gets 32 bytes.</param>
    /// <param name="secretKey">Gets 64 bytes: seed and public key.</param>
    /// <param name="seed">32 bytes.</param>
    public static void SeedKeyPair(Span<byte> publicKey, Span<byte> secretKey, ReadOnlySpan<byte> seed)
    {
        RequireLibrary();
        if (crypto_sign_seed_keypair(publicKey, secretKey, seed) != 0)
            throw new ChunkOtaException(ErrorCodes.Internal, "libsodium did not make a key pair");
    }

    /// <summary>Signs a message.</summary>
    /// <param name="signature">Gets 64 bytes.</param>
    /// <param name="message">Any number of bytes.</param>
    /// <param name="secretKey">64 bytes, from <see cref="SeedKeyPair"/>.</param>
    public static void Sign(Span<byte> signature, ReadOnlySpan<byte> message, ReadOnlySpan<byte> secretKey)
    {
        RequireLibrary();
        if (crypto_sign_detached(signature, out _, message, (ulong)message.Length, secretKey) != 0)
            throw new ChunkOtaException(ErrorCodes.Internal, "libsodium did not sign");
    }

    /// <summary>Whether a signature is right; refuses S ≥ L, and non-canonical or small-order keys and R.</summary>
    /// <param name="signature">64 bytes.</param>
    /// <param name="message">Any number of bytes.</param>
    /// <param name="publicKey">32 bytes.</param>
    public static bool Verify(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message, ReadOnlySpan<byte> publicKey)
    {
        RequireLibrary();
        return crypto_sign_verify_detached(signature, message, (ulong)message.Length, publicKey) == 0;
    }

    private static void RequireLibrary()
    {
        if (Problem is not null)
            throw new ChunkOtaException(ErrorCodes.SystemLibraryMissing, Problem);
    }

    /// <summary>Loads and starts the library once; says what is wrong instead of throwing from an initialiser.</summary>
    private static string? Load()
    {
        if (RuntimeFeature.IsDynamicCodeSupported)
            NativeLibrary.SetDllImportResolver(typeof(Sodium).Assembly, Resolve);
        try
        {
            return sodium_init() >= 0 ? null : "libsodium did not start: it found no source of random bytes";
        }
        catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            return "libsodium is missing, nothing can be signed or verified: install the Debian package libsodium23";
        }
    }

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (name == Library && OperatingSystem.IsLinux())
            foreach (var candidate in LinuxNames)
                if (NativeLibrary.TryLoad(candidate, assembly, searchPath, out var handle))
                    return handle;
        return IntPtr.Zero;
    }

    [LibraryImport(Library)]
    private static partial int sodium_init();

    [LibraryImport(Library)]
    private static partial int crypto_sign_seed_keypair(
        Span<byte> publicKey, Span<byte> secretKey, ReadOnlySpan<byte> seed);

    [LibraryImport(Library)]
    private static partial int crypto_sign_detached(
        Span<byte> signature, out ulong signatureBytes, ReadOnlySpan<byte> message, ulong messageBytes,
        ReadOnlySpan<byte> secretKey);

    [LibraryImport(Library)]
    private static partial int crypto_sign_verify_detached(
        ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message, ulong messageBytes, ReadOnlySpan<byte> publicKey);
}
