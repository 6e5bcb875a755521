using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Protos;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Faults.Disk;
using Google.Protobuf;

namespace ChunkOta.Tests.Faults.Rig;

/// <summary>Tells what is wrong with a device, whatever has happened to it.</summary>
/// <remarks>It reads the disk itself and believes no record of the agent: the device is as broken as it looks to the
/// application that starts from <c>current</c>.</remarks>
internal static class InstallOracle
{
    private const int Executable = 0b111_101_101;
    private const int Ordinary = 0b110_100_100;

    /// <summary>Looks at a device after a fault and before its next run.</summary>
    /// <param name="world">The publisher.</param>
    /// <param name="operation">What was being done.</param>
    /// <param name="device">The device.</param>
    /// <param name="isAcknowledged">The operation had succeeded.</param>
    /// <returns>What is broken; null when nothing is.</returns>
    public static string? FindBroken(
        FaultWorld world, FaultOperation operation, AgentRig device, bool isAcknowledged)
    {
        if (operation.HasSlots)
            return SlotOracle.FindBroken(world, operation, device, isAcknowledged);
        var link = new FileInfo(device.Current).LinkTarget;
        var version = link is null ? null : Path.GetFileName(link);
        if (version is null && (operation.Before is not null || isAcknowledged))
            return "nothing is current";
        if (isAcknowledged && version != operation.After)
            return $"{version} is current, though {operation.After} was promised";
        if (version is not null && version != operation.Before && version != operation.After
            && version != operation.Between)
            return $"{version} is current";
        if (link is not null && link != $"releases/{version}")
            return $"current leads to {link}";
        // What bears the name of a release is one, whole, also when it is about to be removed.
        string[] named = Directory.Exists(device.Product.Releases)
            ? [.. Directory.EnumerateDirectories(device.Product.Releases).Select(path => Path.GetFileName(path))]
            : [];
        string[] current = version is null ? [] : [version];
        foreach (var whole in current.Union(operation.Kept).Union(named))
        {
            var mayBeDamaged = whole == operation.Damaged && !(isAcknowledged && operation.Repairs);
            if (FindDamage(world, device, whole, mayBeDamaged) is { } damage)
                return $"{whole}: {damage}";
        }
        return FindStray(device.Folder) ?? FindUnreadable(device, version);
    }

    /// <summary>Finds what killed runs have left that the run after them should have removed.</summary>
    public static string? FindLeftover(AgentRig device) =>
        DiskImage.PathsBelow(device.Folder).FirstOrDefault(path => IsTemporary(Path.GetFileName(path))) is { } left
            ? $"{left} is left"
            : null;

    /// <summary>The part of the agent's records that must not be lost once an operation has succeeded, as
    /// text.</summary>
    public static string RecordOf(FaultOperation operation, AgentRig device)
    {
        var state = device.States.Find();
        var trust = device.Trust;
        var rejected = string.Join(' ', (state?.Rejected ?? []).Select(release => release.Version));
        return $"current {state?.CurrentRelease?.Version}, previous {state?.PreviousRelease?.Version}, rejected "
            + $"{rejected}, trial {state?.Trial is not null}, switch {state?.Pending is not null}, "
            + $"pointer {trust.Find("stable", "linux-x64")?.Seq}, counter {trust.AcceptedCounter}"
            + (operation.HasSlots ? $", boot {new SlotDevice(device).Plan}" : "");
    }

    /// <summary>Compares an installed release with a manifest that its publisher has signed.</summary>
    /// <param name="world">The publisher.</param>
    /// <param name="device">The device.</param>
    /// <param name="version">The release.</param>
    /// <param name="mayBeDamaged">An entry may be as <see cref="ReleaseDamage"/> has left it.</param>
    public static string? FindDamage(
        FaultWorld world, AgentRig device, string version, bool mayBeDamaged = false)
    {
        if (SignedManifests(world, device).FirstOrDefault(known => known.Version == version) is not { } manifest)
            return "no signed manifest";
        var root = device.Product.ReleaseOf(version);
        var expected = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var entry in manifest.Entries)
        {
            for (var path = entry.Path; path.Length > 0; path = Path.GetDirectoryName(path)!)
                expected.Add(path);
            var at = Path.Combine(root, entry.Path);
            if (FindDifference(at, entry) is { } difference && !(mayBeDamaged && ReleaseDamage.IsLeft(at, entry)))
                return $"{entry.Path}: {difference}";
        }
        foreach (var path in DiskImage.PathsBelow(root).Prepend(root))
        {
            if (path != root && !expected.Contains(Path.GetRelativePath(root, path)))
                return $"{path}: not part of the release";
            if (Fs.FindStatus(path) is { Kind: FileKind.Directory, Mode: not Executable })
                return $"{path}: not open to all readers";
        }
        return null;
    }

    private static string? FindDifference(string path, Entry entry)
    {
        if (Fs.FindStatus(path) is not { } status)
            return "missing";
        switch (entry.Kind)
        {
            case EntryKind.EmptyDirectory:
                return status.Kind == FileKind.Directory ? null : "not that directory";
            case EntryKind.SymbolicLink:
                return new FileInfo(path).LinkTarget == entry.LinkTarget ? null : "not that link";
            default:
                var mode = entry.Executable ? Executable : Ordinary;
                if (status.Kind != FileKind.File || status.Mode != mode || status.Length != (long)entry.Size)
                    return $"{status.Kind}, mode {Convert.ToString(status.Mode, 8)}, {status.Length} bytes";
                var digest = entry.Size == 0 ? ByteString.Empty : Digest.Of(File.ReadAllBytes(path)).ToByteString();
                return digest == entry.Digest ? null : "other content";
        }
    }

    /// <summary>Lists the manifests on a device whose signatures verify.</summary>
    public static IEnumerable<Manifest> SignedManifests(FaultWorld world, AgentRig device)
    {
        var key = new TrustKey { Key = ByteString.CopyFrom(world.Publisher.ReleaseKey.PublicKey.Span) };
        var keys = new RoleKeys(RoleKeys.ReleaseRole, 1, [key]);
        if (!Directory.Exists(device.Product.Manifests))
            yield break;
        foreach (var file in Directory.EnumerateFiles(device.Product.Manifests, "*.manifest"))
        {
            if (FindSigned(file, keys) is { } manifest)
                yield return manifest;
        }
    }

    private static Manifest? FindSigned(string file, RoleKeys keys)
    {
        try
        {
            var envelope = Envelope.Parser.ParseFrom(File.ReadAllBytes(file));
            SignedDocument.CheckSignatures(envelope, PayloadTypes.Manifest, keys, "editor");
            return Path.GetFileNameWithoutExtension(file) == SignedDocument.DigestOf(envelope).ToString()
                ? Manifest.Parser.ParseFrom(envelope.Payload)
                : null;
        }
        catch (Exception e) when (e is ChunkOtaException or InvalidProtocolBufferException)
        {
            // One of a run that was interrupted.
            return null;
        }
    }

    private static bool IsTemporary(string name) =>
        name.EndsWith(".tmp", StringComparison.Ordinal) || TemporaryFile.FindProcess(name) is not null;

    /// <summary>Nothing that the agent makes may be written by others, or lend anybody its owner's rights.</summary>
    public static string? FindStray(string folder)
    {
        foreach (var path in DiskImage.PathsBelow(folder))
        {
            if (Fs.FindStatus(path) is { } status && status.Kind != FileKind.SymbolicLink
                && (status.Mode & 0b111_000_010_010) != 0)
                return $"{path} has mode {Convert.ToString(status.Mode, 8)}";
        }
        return null;
    }

    private static string? FindUnreadable(AgentRig device, string? version)
    {
        try
        {
            var state = device.States.Find();
            device.TrustStore.Load();
            if (version is null)
                return null;
            var isKnown = state is not null
                && (state.CurrentRelease?.Version == version || state.Pending?.To.Version == version);
            return isKnown ? null : $"the record does not know {version}";
        }
        catch (ChunkOtaException e)
        {
            return e.Message;
        }
    }
}
