namespace ChunkOta.Durable;

/// <summary>A file without its final name: renamed into place, or deleted when it is disposed of.</summary>
/// <remarks>Its name ends in <c>.tmp</c>. For one caller at a time.</remarks>
public sealed class TemporaryFile : IDisposable
{
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
            var path = System.IO.Path.Combine(
                directory, $".{name}.{Environment.ProcessId}-{Interlocked.Increment(ref Counter)}.tmp");
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
