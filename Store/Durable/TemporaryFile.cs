using System.Globalization;

namespace ChunkOta.Durable;

/// <summary>A file without its final name: renamed into place, or deleted when it is disposed of.</summary>
/// <remarks>Its name is <c>.NAME.PROCESS-NUMBER.tmp</c>. For one caller at a time.</remarks>
public sealed class TemporaryFile : IDisposable
{
    private const string Suffix = ".tmp";

    private static long Counter;

    private readonly DurableFile _file;
    private bool _isInPlace;
    private long _length;

    private TemporaryFile(DurableFile file) => _file = file;

    /// <summary>Its path until it is renamed into place.</summary>
    public string Path => _file.Path;

    /// <summary>Creates an empty one.</summary>
    /// <param name="directory">Its directory, on the file system of its final name.</param>
    /// <param name="name">A part of its name, for people who find it after a crash.</param>
    /// <param name="permissions">The permissions of the file.</param>
    /// <exception cref="FileSystemException">The disk is full or failed.</exception>
    public static TemporaryFile Create(string directory, string name, Permissions permissions = Permissions.Private)
    {
        while (true)
        {
            // One that a killed process of the same id left behind only costs another number.
            var path = NewPath(directory, name);
            try
            {
                return new TemporaryFile(DurableFile.Create(path, permissions));
            }
            catch (FileSystemException e) when (e.Problem == FileProblem.Exists)
            {
                continue;
            }
        }
    }

    /// <summary>Returns a path for something without its final name, such as a link, that no other caller of this
    /// process gets.</summary>
    /// <param name="directory">Its directory.</param>
    /// <param name="name">A part of its name.</param>
    public static string NewPath(string directory, string name) => System.IO.Path.Combine(
        directory, $".{name}.{Environment.ProcessId}-{Interlocked.Increment(ref Counter)}{Suffix}");

    /// <summary>Removes the temporary files and links that killed processes left in a directory.</summary>
    /// <param name="directory">The directory. The caller holds the lock under which they are made there.</param>
    public static void RemoveLeftovers(string directory)
    {
        foreach (var (name, kind) in Fs.FindNames(directory) ?? [])
        {
            if (kind is FileKind.File or FileKind.SymbolicLink && FindProcess(name) is not null)
                Fs.Unlink(System.IO.Path.Combine(directory, name));
        }
    }

    /// <summary>Removes the temporary files of one name that killed processes left in a directory of others, where no
    /// lock keeps a process from making one.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The part of their name that <see cref="Create"/> was given.</param>
    public static void RemoveLeftovers(string directory, string name)
    {
        foreach (var (found, kind) in Fs.FindNames(directory) ?? [])
        {
            if (kind == FileKind.File && found.StartsWith($".{name}.", StringComparison.Ordinal)
                && FindProcess(found) is { } process
                && (process == Environment.ProcessId || !Directory.Exists($"/proc/{process}")))
                Fs.Unlink(System.IO.Path.Combine(directory, found));
        }
    }

    /// <summary>Finds the process that a name belongs to; null when it is not of a temporary file.</summary>
    /// <param name="name">A file name, without its directory.</param>
    public static int? FindProcess(ReadOnlySpan<char> name)
    {
        if (name.Length == 0 || name[0] != '.' || !name.EndsWith(Suffix, StringComparison.Ordinal))
            return null;
        var numbers = name[..^Suffix.Length];
        numbers = numbers[(numbers.LastIndexOf('.') + 1)..];
        var dash = numbers.IndexOf('-');
        return dash > 0 && dash < numbers.Length - 1
            && !numbers[(dash + 1)..].ContainsAnyExceptInRange('0', '9')
            && int.TryParse(numbers[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out var process)
                ? process
                : null;
    }

    /// <summary>Writes bytes at its end.</summary>
    public void Append(ReadOnlySpan<byte> source)
    {
        if (source.IsEmpty)
            return;
        _file.WriteAt(_length, source);
        _length += source.Length;
    }

    /// <summary>Makes the bytes survive a power cut.</summary>
    public void Sync() => _file.Sync();

    /// <summary>Ends the writing: only <see cref="RenameIntoPlace"/> and <see cref="Dispose"/> may follow.</summary>
    public void Close() => _file.Dispose();

    /// <summary>Gives the file its final name, replacing whatever has it. The name survives a power cut after a sync of
    /// its directory.</summary>
    public void RenameIntoPlace(string path)
    {
        Fs.Rename(_file.Path, path);
        _isInPlace = true;
    }

    /// <summary>Deletes the file, unless it was renamed into place.</summary>
    public void Dispose()
    {
        _file.Dispose();
        if (!_isInPlace)
            _ = Fs.Unlink(_file.Path);
        _isInPlace = true;
    }
}
