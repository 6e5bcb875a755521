using System.Globalization;
using System.Text;

namespace ChunkOta.Durable;

/// <content>What <c>/proc</c> tells.</content>
public static unsafe partial class TreeUses
{
    private const int MaxTableBytes = 16 * 1024 * 1024;

    private static readonly string[] Links = ["exe", "cwd", "root"];

    public static partial IReadOnlyDictionary<string, TreeUse> Find(IEnumerable<string> trees)
    {
        var search = new UseSearch(trees);
        if (!search.IsDone)
            FindMounts(search);
        foreach (var (name, kind) in Names("/proc"))
        {
            if (search.IsDone)
                break;
            if (kind == FileKind.Directory
                && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var process))
                FindProcess(search, process);
        }
        return search.Found;
    }

    public static partial TreeUse? FindMount(string tree)
    {
        var search = new UseSearch([tree]);
        FindMounts(search);
        return search.Found.GetValueOrDefault(tree);
    }

    private static void FindMounts(UseSearch search)
    {
        // The fields are separated by blanks, and the fifth is the mount point.
        foreach (var line in Encoding.UTF8.GetString(Read("/proc/self/mountinfo")).Split('\n'))
        {
            if (line.Split(' ', 6) is not [_, _, _, _, var escaped, ..])
                continue;
            var point = Unescape(escaped);
            search.Note(Encoding.UTF8.GetBytes(point), () => new TreeUse(0, point));
        }
    }

    private static void FindProcess(UseSearch search, int process)
    {
        var folder = $"/proc/{process}";
        TreeUse? use = null;
        foreach (var link in Links)
            NoteLink($"{folder}/{link}");
        foreach (var (name, _) in Names($"{folder}/fd"))
            NoteLink($"{folder}/fd/{name}");
        if (search.IsDone)
            return;
        foreach (var line in new LineReader(Read($"{folder}/maps")))
        {
            // Only the path can have a slash; it is the last field.
            var slash = line.IndexOf((byte)'/');
            if (slash >= 0)
                search.Note(line[slash..], Use);
        }

        void NoteLink(string path)
        {
            var target = stackalloc byte[Libc.PathMax];
            var count = Libc.ReadLinkAt(Libc.CurrentDirectory, path, target, Libc.PathMax);
            if (count > 0)
                search.Note(new ReadOnlySpan<byte>(target, (int)count), Use);
        }

        TreeUse Use() => use ??= new TreeUse(process, ProgramOf(folder));
    }

    /// <summary>The name of a process, without what could disturb a terminal.</summary>
    private static string ProgramOf(string folder)
    {
        var name = Encoding.UTF8.GetString(Read($"{folder}/comm")).TrimEnd('\n').ToCharArray();
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsControl(name[i]))
                name[i] = '?';
        }
        return new string(name);
    }

    /// <summary>Reads a file of <c>/proc</c>; nothing when it has gone or cannot be read.</summary>
    private static ReadOnlySpan<byte> Read(string path)
    {
        using var file = Sys.TryOpen(path, Libc.ReadOnly, 0, out _);
        if (file is null)
            return [];
        var bytes = new byte[16 * 1024];
        var length = 0;
        try
        {
            int read;
            while ((read = Sys.ReadAt(file, path, length, bytes.AsSpan(length))) > 0 && length < MaxTableBytes)
            {
                length += read;
                if (length == bytes.Length)
                    Array.Resize(ref bytes, bytes.Length * 2);
            }
        }
        catch (FileSystemException)
        {
            // The process has ended meanwhile.
        }
        return bytes.AsSpan(0, length);
    }

    private static IReadOnlyList<(string Name, FileKind Kind)> Names(string folder)
    {
        try
        {
            return Fs.FindNames(folder) ?? [];
        }
        catch (FileSystemException)
        {
            return [];
        }
    }

    /// <summary>Replaces the octal escapes of blanks, tabs, line breaks and backslashes.</summary>
    private static string Unescape(string text) => text
        .Replace("\\040", " ", StringComparison.Ordinal)
        .Replace("\\011", "\t", StringComparison.Ordinal)
        .Replace("\\012", "\n", StringComparison.Ordinal)
        .Replace("\\134", "\\", StringComparison.Ordinal);

    /// <summary>The trees that are looked for, and what was found.</summary>
    private sealed class UseSearch
    {
        private readonly List<(string Tree, byte[] Path)> _missing = [];

        internal UseSearch(IEnumerable<string> trees)
        {
            foreach (var tree in trees)
                _missing.Add((tree, Encoding.UTF8.GetBytes(Fs.Resolve(tree))));
        }

        internal Dictionary<string, TreeUse> Found { get; } = [];

        internal bool IsDone => _missing.Count == 0;

        /// <summary>Notes the use of a path, if it is a tree's or in one.</summary>
        internal void Note(ReadOnlySpan<byte> path, Func<TreeUse> use)
        {
            for (var i = _missing.Count - 1; i >= 0; i--)
            {
                var (tree, root) = _missing[i];
                if (!path.StartsWith(root) || (path.Length > root.Length && path[root.Length] != (byte)'/'))
                    continue;
                Found.Add(tree, use());
                _missing.RemoveAt(i);
            }
        }
    }

    /// <summary>The lines of a text, without their ends.</summary>
    private ref struct LineReader(ReadOnlySpan<byte> text)
    {
        private ReadOnlySpan<byte> _rest = text;

        public ReadOnlySpan<byte> Current { get; private set; }

        public readonly LineReader GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_rest.IsEmpty)
                return false;
            var end = _rest.IndexOf((byte)'\n');
            Current = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? [] : _rest[(end + 1)..];
            return true;
        }
    }
}
