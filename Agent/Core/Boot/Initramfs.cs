using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The first process of a machine: brings up devices, mounts the folder of the agent and the slot that was
/// verified, and goes on with the program of that slot.</summary>
/// <param name="clock">Limits the wait for devices.</param>
public sealed class Initramfs(TimeProvider clock)
{
    private const string Root = "/slot";
    private const string Init = "/sbin/init";
    private static readonly TimeSpan DeviceLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DevicePause = TimeSpan.FromMilliseconds(20);

    private static readonly (string Path, string Type)[] Kernel =
        [("/proc", "proc"), ("/sys", "sysfs"), ("/dev", "devtmpfs"), ("/run", "tmpfs")];

    /// <summary>Mounts what every program needs, and loads modules.</summary>
    /// <param name="modules">A folder of kernel modules, which are loaded in the order of their names; null for
    /// none.</param>
    /// <exception cref="FileSystemException">It cannot be done.</exception>
    public static void Begin(string? modules)
    {
        foreach (var (path, type) in Kernel)
        {
            Fs.MakeDirectory(path, Permissions.Executable);
            FirstProcess.Mount(type, path, type, isReadOnly: false);
        }
        Fs.MakeDirectory(Root, Permissions.Executable);
        if (modules is null)
            return;
        foreach (var (name, _) in Fs.FindNames(modules) ?? [])
            FirstProcess.LoadModule(Path.Combine(modules, name));
    }

    /// <summary>Mounts a device read-only, once it is there.</summary>
    /// <param name="device">The device.</param>
    /// <param name="target">The directory; it is made.</param>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c>: it did not appear, or holds no file system that the kernel
    /// knows.</exception>
    public async Task MountAsync(string device, string target, CancellationToken cancellationToken = default)
    {
        await WaitForAsync(device, cancellationToken).ConfigureAwait(false);
        Fs.MakeDirectories(target, Permissions.Executable);
        if (TryMount(device, target) is { } failure)
            throw new ChunkOtaException(ErrorCodes.IoError, failure);
    }

    /// <summary>Waits for both slots; one that does not appear is left out later, for the other one.</summary>
    /// <param name="slots">The paths of the slots.</param>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c>: neither appeared.</exception>
    public async Task WaitForAnyAsync(IReadOnlyList<string> slots, CancellationToken cancellationToken = default)
    {
        try
        {
            await Task.WhenAll(slots.Select(slot => WaitForAsync(slot, cancellationToken))).ConfigureAwait(false);
        }
        catch (ChunkOtaException) when (slots.Any(slot => Fs.FindStatus(slot) is not null))
        {
            return;
        }
    }

    /// <summary>Mounts a slot as the root that is to come.</summary>
    /// <param name="device">The slot.</param>
    /// <returns>Why the machine cannot be started from it; null when it can.</returns>
    public static string? MountRoot(string device)
    {
        if (TryMount(device, Root) is { } failure)
            return failure;
        foreach (var needed in (string[])[.. Kernel.Select(mount => mount.Path), Init])
        {
            if (Fs.FindStatus(Root + needed) is not null)
                continue;
            FirstProcess.Unmount(Root);
            return $"its file system has no {needed}";
        }
        return null;
    }

    /// <summary>Runs <c>/sbin/init</c> of the slot in place of this program: it does not return.</summary>
    /// <exception cref="ChunkOtaException">It cannot be done.</exception>
    public static void Finish()
    {
        foreach (var (path, _) in Kernel)
            FirstProcess.Move(path, Root + path);
        FirstProcess.SwitchRoot(Root, [Init]);
    }

    /// <summary>Waits for a device that the kernel has still to find.</summary>
    private async Task WaitForAsync(string device, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (Fs.FindStatus(device) is null)
        {
            if (clock.GetElapsedTime(started) > DeviceLimit)
            {
                throw new ChunkOtaException(
                    ErrorCodes.IoError, $"{device} did not appear within {DeviceLimit.TotalSeconds:0} s");
            }
            await Task.Delay(DevicePause, clock, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Tries every file system that the kernel has for devices.</summary>
    private static string? TryMount(string device, string target)
    {
        var last = "the kernel knows no file system for devices";
        foreach (var line in File.ReadLines("/proc/filesystems"))
        {
            if (line.StartsWith("nodev", StringComparison.Ordinal))
                continue;
            try
            {
                FirstProcess.Mount(device, target, line.Trim(), isReadOnly: true);
                return null;
            }
            catch (FileSystemException e)
            {
                last = e.Message;
            }
        }
        return $"it cannot be mounted: {OneLine.Of(last)}";
    }
}
