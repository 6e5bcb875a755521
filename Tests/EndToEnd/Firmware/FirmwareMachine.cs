using System.Buffers.Binary;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Firmware;

/// <summary>A machine without accelerator: Debian's kernel, the static agent as its first process, and a virtio disk
/// with three partitions: the agent's folder, slot A, slot B.</summary>
internal sealed class FirmwareMachine(TemporaryFolder folder)
{
    private const int SectorBytes = 512;
    private const int PartitionBytes = 8 << 20;
    private const int FirstOffset = 1 << 20;

    /// <summary>The modules for a virtio disk, each after those that it needs.</summary>
    private static readonly string[] Modules =
    [
        "virtio/virtio_ring", "virtio/virtio", "virtio/virtio_pci_legacy_dev", "virtio/virtio_pci_modern_dev",
        "virtio/virtio_pci", "block/virtio_blk",
    ];

    private string Disk => folder["disk"];

    /// <summary>Makes an image whose <c>/sbin/init</c> says a line and switches the machine off.</summary>
    public async Task<byte[]> MakeImageAsync(string name, string line)
    {
        var root = folder[$"{name}-root"];
        foreach (var directory in new[] { "dev", "proc", "run", "sbin", "sys" })
            Directory.CreateDirectory(Path.Combine(root, directory));
        var source = folder[$"{name}.s"];
        await File.WriteAllTextAsync(
            source,
            $$"""
            .globl _start
            _start:
              mov $1, %eax; mov $1, %edi; lea text(%rip), %rsi; mov $(end - text), %edx; syscall
              mov $169, %eax; mov $0xfee1dead, %edi; mov $672274793, %esi; mov $0x4321fedc, %edx; syscall
            text: .ascii "{{line}}\n"
            end:

            """);
        await RunAsync("clang", "-nostdlib", "-static", "-o", Path.Combine(root, "sbin/init"), source);
        return await FileSystemOfAsync(root, $"{name}.img", PartitionBytes / 2);
    }

    /// <summary>Makes the disk.</summary>
    public async Task MakeDiskAsync(string home, byte[] slotA, byte[] slotB)
    {
        var disk = new byte[FirstOffset + (3 * PartitionBytes)];
        for (var i = 0; i < 3; i++)
        {
            var entry = disk.AsSpan(446 + (16 * i));
            entry[4] = 0x83;
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], OffsetOf(i) / SectorBytes);
            BinaryPrimitives.WriteInt32LittleEndian(entry[12..], PartitionBytes / SectorBytes);
        }
        (disk[510], disk[511]) = (0x55, 0xaa);
        (await FileSystemOfAsync(home, "home.img", PartitionBytes)).CopyTo(disk, OffsetOf(0));
        slotA.CopyTo(disk, OffsetOf(1));
        slotB.CopyTo(disk, OffsetOf(2));
        await File.WriteAllBytesAsync(Disk, disk);
    }

    /// <summary>Changes a byte of a slot.</summary>
    public void Tamper(int partition, int offset)
    {
        using var disk = new FileStream(Disk, FileMode.Open);
        disk.Position = OffsetOf(partition) + offset;
        var before = disk.ReadByte();
        disk.Position--;
        disk.WriteByte((byte)(before ^ 1));
    }

    /// <summary>Makes the initramfs: the agent is all of it, but for modules, settings and the trust root.</summary>
    public void MakeInitramfs(string agent, string root)
    {
        var archive = new CpioArchive().Folder("dev").Folder("modules").Folder("etc").Folder("etc/chunkota")
            .File("init", File.ReadAllBytes(agent))
            .File("root.json", File.ReadAllBytes(root))
            .File("etc/chunkota/ota-agent.json",
                """
                { "Products": { "app": { "Slots": {
                  "A": "/dev/vda2", "B": "/dev/vda3", "Bootloader": "grub", "Environment": "/boot/grub/grubenv"
                } } } }
                """u8.ToArray());
        var modules = Directory.GetDirectories(Repository.PathOf("artifacts/kernel/lib/modules"))[0];
        for (var i = 0; i < Modules.Length; i++)
            archive.File($"modules/{i}.ko", File.ReadAllBytes($"{modules}/kernel/drivers/{Modules[i]}.ko"));
        archive.Save(folder["initramfs"]);
    }

    /// <summary>Boots the machine, and waits until it is off.</summary>
    /// <returns>The lines of its console.</returns>
    public async Task<string> BootAsync(string slot)
    {
        var kernel = Directory.GetFiles(Repository.PathOf("artifacts/kernel/boot"), "vmlinuz-*")[0];
        var run = await RunAsync(
            "timeout", "60", "qemu-system-x86_64",
            "-machine", "q35,accel=tcg", "-cpu", "max", "-m", "512", "-nographic", "-no-reboot", "-net", "none",
            "-kernel", kernel, "-initrd", folder["initramfs"],
            "-drive", $"file={Disk},format=raw,if=virtio",
            "-append",
            $"console=ttyS0 quiet panic=-1 rdinit=/init chunkota.slot={slot} -- "
            + "boot app --initramfs --modules /modules --state /dev/vda1 --home /state --root /root.json");
        return run.Out.Replace("\r", "", StringComparison.Ordinal);
    }

    private static int OffsetOf(int partition) => FirstOffset + (partition * PartitionBytes);

    private async Task<byte[]> FileSystemOfAsync(string root, string name, int bytes)
    {
        var image = folder[name];
        await File.WriteAllBytesAsync(image, new byte[bytes]);
        await RunAsync("mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-d", root, image);
        return await File.ReadAllBytesAsync(image);
    }

    private static async Task<ProgramRun> RunAsync(string program, params string[] arguments) =>
        (await ProgramRun.RunAsync(new Dictionary<string, string?>(), program, arguments)).Succeeded();
}
