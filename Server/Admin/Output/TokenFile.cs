using System.Text;
using ChunkOta.Durable;

namespace ChunkOta.Admin;

/// <summary>A new file for one token, mode 0600 from its first byte on.</summary>
/// <remarks>It is opened before the token is made, so that a folder that cannot be written costs no token.</remarks>
internal sealed class TokenFile : IDisposable
{
    private readonly TemporaryFile _file;

    private TokenFile(string path, TemporaryFile file)
    {
        Path = path;
        _file = file;
    }

    /// <summary>The path that was asked for.</summary>
    public string Path { get; }

    /// <summary>Opens the file under a temporary name.</summary>
    public static TokenFile Create(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (Directory.Exists(full))
            throw new ChunkOtaException(ErrorCodes.Usage, $"--out names a folder: {path}: name a file");
        var folder = System.IO.Path.GetDirectoryName(full) ?? "/";
        return new TokenFile(
            path, TemporaryFile.Create(folder, System.IO.Path.GetFileName(full), Permissions.Private));
    }

    /// <summary>Writes the token and gives the file its name, in place of what had it.</summary>
    public void Write(string token)
    {
        _file.Append(Encoding.UTF8.GetBytes(token + "\n"));
        _file.Sync();
        _file.RenameIntoPlace(Path);
        Fs.SyncDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path)) ?? "/");
    }

    public void Dispose() => _file.Dispose();
}
