using System.Security.Cryptography;
using System.Text;
using ChunkOta.Durable;

namespace ChunkOta.Tests.Faults.Disk;

/// <summary>A file, directory or link of an image; one node under two names is a file with two names.</summary>
internal sealed class DiskNode
{
    public required FileKind Kind { get; init; }

    public required int Mode { get; set; }

    /// <summary>The bytes of a file.</summary>
    public byte[] Content { get; set; } = [];

    /// <summary>The target of a symbolic link.</summary>
    public string Target { get; init; } = "";

    /// <summary>What is in a directory.</summary>
    public SortedDictionary<string, DiskNode> Names { get; } = new(StringComparer.Ordinal);
}

/// <summary>A tree of files as a value: read from a folder, compared, and written to another one.</summary>
internal sealed class DiskImage(DiskNode root)
{
    /// <summary>Equal for equal trees, whatever their names share.</summary>
    public string Hash => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Describe())));

    public static DiskImage Read(string folder) => new(ReadNode(folder, []));

    /// <summary>Writes the tree as a folder that must not exist yet.</summary>
    public void WriteTo(string folder) => Write(root, folder, []);

    /// <summary>One line for each name: path, kind, mode, and content or target.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        Describe(root, "", text);
        return text.ToString();
    }

    /// <summary>The paths of everything below a folder; no link is followed.</summary>
    public static IEnumerable<string> PathsBelow(string folder)
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(folder))
        {
            yield return path;
            if (Fs.FindStatus(path) is not { Kind: FileKind.Directory })
                continue;
            foreach (var below in PathsBelow(path))
                yield return below;
        }
    }

    private static DiskNode ReadNode(string path, Dictionary<ulong, DiskNode> known)
    {
        var status = Fs.FindStatus(path) ?? throw new FileNotFoundException(path);
        if (known.TryGetValue(status.Inode, out var linked))
            return linked;
        var node = new DiskNode
        {
            Kind = status.Kind,
            Mode = status.Mode,
            Content = status.Kind == FileKind.File ? File.ReadAllBytes(path) : [],
            Target = status.Kind == FileKind.SymbolicLink ? Fs.FindLinkTarget(path)! : "",
        };
        if (status.Kind != FileKind.Directory)
            known.Add(status.Inode, node);
        else
            foreach (var child in Directory.EnumerateFileSystemEntries(path))
                node.Names.Add(Path.GetFileName(child), ReadNode(child, known));
        return node;
    }

    private static void Write(DiskNode node, string path, Dictionary<DiskNode, string> written)
    {
        switch (node.Kind)
        {
            case FileKind.Directory:
                Directory.CreateDirectory(path);
                foreach (var (name, child) in node.Names)
                    Write(child, $"{path}/{name}", written);
                break;
            case FileKind.SymbolicLink:
                File.CreateSymbolicLink(path, node.Target);
                return;
            case FileKind.File when written.TryGetValue(node, out var first):
                Kernel.Link(first, path);
                return;
            default:
                File.WriteAllBytes(path, node.Content);
                written.Add(node, path);
                break;
        }
        File.SetUnixFileMode(path, (UnixFileMode)node.Mode);
    }

    private static void Describe(DiskNode node, string path, StringBuilder text)
    {
        var content = node.Kind switch
        {
            FileKind.File => $"{node.Content.Length} {Convert.ToHexString(SHA256.HashData(node.Content))}",
            FileKind.SymbolicLink => node.Target,
            _ => "",
        };
        var mode = node.Kind == FileKind.SymbolicLink ? 0 : node.Mode;
        text.Append(path).Append(' ').Append(node.Kind).Append(' ').Append(Convert.ToString(mode, 8)).Append(' ')
            .Append(content).Append('\n');
        foreach (var (name, child) in node.Names)
            Describe(child, $"{path}/{name}", text);
    }
}
