using System.Text.Json;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>The profiles of one user, a file each that its owner alone may read.</summary>
/// <param name="path">The folder; it is made when the first profile is saved.</param>
internal sealed class ProfileFolder(string path)
{
    /// <summary>The profile that is used where none is named.</summary>
    public const string DefaultName = "default";

    private const string Extension = ".json";
    private const int MaxBytes = 1024 * 1024;
    private const int GroupAndOthers = 0b000_111_111;

    /// <summary>The folder of this user: <c>$XDG_CONFIG_HOME/chunkota</c>, else <c>~/.config/chunkota</c>.</summary>
    /// <param name="variable">Reads the environment.</param>
    /// <returns>Null where neither variable names a folder.</returns>
    public static ProfileFolder? OfUser(Func<string, string?> variable)
    {
        // By the XDG specification a relative path is as good as none.
        if (variable("XDG_CONFIG_HOME") is { } config && Path.IsPathRooted(config))
            return new ProfileFolder(Path.Combine(config, "chunkota"));
        return variable("HOME") is { } home && Path.IsPathRooted(home)
            ? new ProfileFolder(Path.Combine(home, ".config", "chunkota"))
            : null;
    }

    /// <summary>The file of a profile.</summary>
    /// <exception cref="ChunkOtaException"><c>NAME_INVALID</c>.</exception>
    public string PathOf(string name)
    {
        CheckName(name);
        return Path.Combine(path, name + Extension);
    }

    /// <summary>The names of all profiles, sorted.</summary>
    public IReadOnlyList<string> List() =>
    [
        .. (Fs.FindNames(path) ?? [])
            .Where(entry => entry.Name.EndsWith(Extension, StringComparison.Ordinal) && !entry.Name.StartsWith('.'))
            .Select(entry => entry.Name[..^Extension.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Reads a profile; null when there is none of that name.</summary>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: the file is not a profile, or others than its owner
    /// may read it.</exception>
    public Profile? Find(string name)
    {
        var file = PathOf(name);
        if (Fs.FindStatus(file) is { } status && (status.Mode & GroupAndOthers) != 0)
        {
            throw new ChunkOtaException(ErrorCodes.ConfigInvalid,
                $"the profile holds a token and others may read it: {file}: chmod 600 it, and think about who may "
                + "have read it");
        }

        if (DurableFile.FindBytes(file, MaxBytes) is not { } bytes)
            return null;
        try
        {
            if (JsonSerializer.Deserialize(PlainText.Utf8Of(bytes, file), ProfileJson.Default.Profile) is
                { Server: not null, Token: not null } profile)
            {
                return profile;
            }
        }
        catch (JsonException)
        {
            // Said below, without the text of the failure: it may quote the token.
        }

        throw new ChunkOtaException(ErrorCodes.ConfigInvalid,
            $"the profile cannot be read: {file}: run ota-admin login again");
    }

    /// <summary>Saves a profile, mode 0600 from the first byte on, in place of the one of that name.</summary>
    public void Save(string name, Profile profile)
    {
        var file = PathOf(name);
        Fs.MakeDirectories(path);
        AtomicFile.Replace(
            file, JsonSerializer.SerializeToUtf8Bytes(profile, ProfileJson.Default.Profile), Permissions.Private);
    }

    /// <summary>Removes a profile.</summary>
    /// <returns>False when there was none.</returns>
    public bool Remove(string name)
    {
        var isThere = Fs.Unlink(PathOf(name));
        if (isThere) Fs.SyncDirectory(path);
        return isThere;
    }

    private static void CheckName(string name)
    {
        if (!Names.IsValid(name))
        {
            throw new ChunkOtaException(ErrorCodes.NameInvalid,
                $"not a profile's name: '{OneLine.Of(name)}': write a to z, 0 to 9, '.', '_' or '-'");
        }
    }
}
