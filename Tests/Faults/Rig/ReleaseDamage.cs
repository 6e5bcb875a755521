using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Tests.Faults.Rig;

/// <summary>Damage of every kind that a check tells apart, done to a release of <see cref="FaultWorld"/>.</summary>
internal static class ReleaseDamage
{
    private const int Offset = 4_000;
    private const int PrivateMode = 0b110_000_000;
    private const string Elsewhere = "elsewhere";

    /// <summary>Damages a release: other content, another mode, a missing file, a missing directory, and a link that
    /// leads elsewhere.</summary>
    /// <param name="tree">Its tree.</param>
    public static void Make(string tree)
    {
        var library = Path.Combine(tree, "lib/library");
        File.WriteAllBytes(library, Flipped(File.ReadAllBytes(library)));
        File.SetUnixFileMode(Path.Combine(tree, "bin/program"), (UnixFileMode)PrivateMode);
        File.Delete(Path.Combine(tree, "readme"));
        Directory.Delete(Path.Combine(tree, "var"), recursive: true);
        File.Delete(Path.Combine(tree, "run"));
        File.CreateSymbolicLink(Path.Combine(tree, "run"), Elsewhere);
    }

    /// <summary>Tells whether an entry is exactly as <see cref="Make"/> has left it: neither right nor anything
    /// else.</summary>
    /// <param name="path">The path on the device.</param>
    /// <param name="entry">The entry.</param>
    public static bool IsLeft(string path, Entry entry)
    {
        var status = Fs.FindStatus(path);
        return entry.Path switch
        {
            "lib/library" => status is { Kind: FileKind.File } && IsOf(entry, Flipped(File.ReadAllBytes(path))),
            "bin/program" => status is { Kind: FileKind.File, Mode: PrivateMode }
                && IsOf(entry, File.ReadAllBytes(path)),
            "run" => new FileInfo(path).LinkTarget == Elsewhere,
            "readme" or "var/empty" => status is null,
            _ => false,
        };
    }

    private static bool IsOf(Entry entry, byte[] content) => Digest.Of(content).ToByteString() == entry.Digest;

    private static byte[] Flipped(byte[] content)
    {
        if (content.Length > Offset)
            content[Offset] ^= 0x10;
        return content;
    }
}
