using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Examines the folder of an agent and the disk that it is on.</summary>
/// <param name="home">The folder.</param>
/// <param name="findings">Gets what is found.</param>
/// <param name="fixes">True to put right what is safe to put right.</param>
internal sealed class HomeChecks(AgentHome home, FindingList findings, bool fixes)
{
    private const long LeastBytes = 1 << 20;
    private const long FewBytes = 64 << 20;
    private const long LeastInodes = 16;
    private const long FewInodes = 1000;
    private const int OthersMask = 0b000_111_111;
    private const int EverybodyWrites = 0b000_000_010;

    /// <summary>Makes the checks.</summary>
    /// <returns>False when there is no home: nothing else can be examined.</returns>
    public bool Run()
    {
        if (!Directory.Exists(home.Root))
        {
            findings.Warn("home", $"{home.Root} does not exist", "install a product, or name another --home");
            return false;
        }
        findings.Try("home", CheckHome);
        findings.Try("permissions", CheckPermissions);
        findings.Try("disk", CheckDisk);
        findings.Try("inodes", CheckInodes);
        findings.Try("file system", CheckFeatures);
        findings.Try("leftovers", CheckLeftovers);
        return true;
    }

    private void CheckHome()
    {
        try
        {
            Fs.CheckWritable(home.Root);
        }
        catch (FileSystemException e)
        {
            findings.Fail(
                "home", e.Code, $"{home.Root} cannot be written: {e.Message}",
                "run as the user that owns it; if the file system is read-only, mount it writable");
            return;
        }
        findings.Ok("home", home.Root);
    }

    private void CheckPermissions()
    {
        var owner = Fs.FindStatus(home.Root + "/.")?.Owner;
        List<string> paths = [home.StateDirectory, home.DeviceKeyPath];
        foreach (var product in home.Products())
            paths.Add(Path.Combine(home.Root, product) + "/.");
        var strays = paths.Where(path => Fs.FindStatus(path) is { } status && status.Owner != owner).ToList();
        if (strays.Count > 0)
        {
            findings.Fail(
                "permissions", ErrorCodes.IoError, $"{strays[0].TrimEnd('.', '/')} has another owner than {home.Root}",
                $"chown -R --reference='{home.Root}' '{home.Root}'");
        }
        else if (FindOpenFolder() is { } folder)
        {
            findings.Fail(
                "permissions", ErrorCodes.IoError,
                $"every user can write to {folder}, and so replace what is installed",
                "run ota-agent doctor --fix");
        }
        else if (!RestrictKey())
        {
            findings.Fail(
                "permissions", ErrorCodes.KeyExposed,
                $"other users can read {home.DeviceKeyPath}",
                "run ota-agent doctor --fix");
        }
        else
        {
            findings.Ok("permissions", "only the owner can read the device's key");
        }
    }

    /// <summary>Finds a folder of the agent that every user can write to; null for none, after a fix at the
    /// latest.</summary>
    private string? FindOpenFolder()
    {
        List<string> folders = [home.Root, home.StateDirectory];
        foreach (var name in home.Products())
        {
            var product = home.Of(name);
            folders.AddRange([product.Root, product.Releases, product.Manifests]);
        }
        foreach (var folder in folders)
        {
            if (Fs.FindStatus(folder) is not { Kind: FileKind.Directory } status
                || (status.Mode & EverybodyWrites) == 0)
                continue;
            if (!fixes)
                return folder;
            using var tree = DirectoryTree.Open(folder);
            tree.SetPermissions(Permissions.Executable);
            findings.Fixed("permissions", $"only its owner can write to {folder} now");
        }
        return null;
    }

    /// <summary>Returns true if other users cannot read the device's key, after a fix at the latest.</summary>
    private bool RestrictKey()
    {
        if (Fs.FindStatus(home.DeviceKeyPath) is not { } status || (status.Mode & OthersMask) == 0)
            return true;
        if (!fixes)
            return false;
        using var file = DurableFile.OpenRead(home.DeviceKeyPath);
        file.SetPermissions(Permissions.Private);
        findings.Fixed("permissions", $"{home.DeviceKeyPath} is the owner's alone now");
        return true;
    }

    private void CheckDisk()
    {
        var free = Fs.FreeBytes(home.Root);
        if (free < LeastBytes)
        {
            findings.Fail(
                "disk", ErrorCodes.DiskFull, $"{SizeText.Of(free)} free",
                "run ota-agent prune, or remove other files from this disk");
        }
        else if (free < FewBytes)
        {
            findings.Warn("disk", $"{SizeText.Of(free)} free", "run ota-agent prune before the next release");
        }
        else
        {
            findings.Ok("disk", $"{SizeText.Of(free)} free");
        }
    }

    private void CheckInodes()
    {
        if (Fs.FindFreeInodes(home.Root) is not { } free)
            findings.Ok("inodes", "this file system does not limit them");
        else if (free < LeastInodes)
            findings.Fail("inodes", ErrorCodes.DiskFull, $"{free} free", "run ota-agent prune, or remove other files");
        else if (free < FewInodes)
            findings.Warn("inodes", $"{free} free: a release needs one for each file", "run ota-agent prune");
        else
            findings.Ok("inodes", $"{free} free");
    }

    private void CheckFeatures() => findings.Ok(
        "file system", Fs.CanClone(home.Root)
            ? "unchanged files are shared copy-on-write"
            : "unchanged files are copied; --link hardlink would share them");

    private void CheckLeftovers()
    {
        var left = Leftovers.Find(home);
        if (left.Count == 0)
            return;
        if (fixes)
        {
            foreach (var path in left)
                Fs.Unlink(path);
            findings.Fixed("leftovers", $"{left.Count} temporary files of killed runs were removed");
            return;
        }
        findings.Warn(
            "leftovers", $"{left.Count} temporary files of killed runs, such as {left[0]}",
            "run ota-agent doctor --fix");
    }
}
