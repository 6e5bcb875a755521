using System.Buffers.Binary;

namespace ChunkOta.Tests.Agent.Activation.Bootloader;

/// <summary>A machine that GRUB starts with the script of the guide, from a disk with an environment block.</summary>
/// <remarks>The kernel is a few instructions: it writes its command line to the serial port and resets the machine.
/// </remarks>
internal sealed class GrubMachine
{
    /// <summary>The programs and files that it needs.</summary>
    public const string Needs = "qemu-system-x86_64 grub-mkimage mkfs.ext2 /usr/lib/grub/i386-pc/boot.img";

    private const string Modules = "/usr/lib/grub/i386-pc";
    private const int SectorBytes = 512;
    private const int PartitionOffset = 1 << 20;
    private const int PartitionBytes = 4 << 20;

    private readonly string _folder;
    private readonly string _root;
    private readonly byte[] _core;

    /// <param name="folder">A folder for the disk.</param>
    /// <param name="script">The script of GRUB.</param>
    public GrubMachine(string folder, string script)
    {
        (_folder, _root) = (folder, Path.Combine(folder, "grub-root"));
        var settings = Directory.CreateDirectory(Path.Combine(_root, "boot/grub")).FullName;
        File.WriteAllText(Path.Combine(settings, "grub.cfg"), script);
        File.WriteAllBytes(Path.Combine(_root, "vmlinuz"), MakeKernel());
        File.WriteAllText(Path.Combine(_root, "initrd.img"), "an initramfs\n");
        var core = Path.Combine(folder, "core.img");
        BootMachine.Tool(
            "grub-mkimage", "-d", Modules, "-O", "i386-pc", "-p", "(hd0,msdos1)/boot/grub", "-o", core,
            "biosdisk", "part_msdos", "ext2", "normal", "loadenv", "test", "linux", "boot");
        _core = File.ReadAllBytes(core);
    }

    /// <summary>Starts the machine once.</summary>
    /// <param name="environment">The environment block; GRUB may change it.</param>
    /// <returns>The command line of the kernel.</returns>
    public string Start(string environment)
    {
        var disk = Path.Combine(_folder, "grub-disk");
        MakeDisk(disk, environment);
        var output = BootMachine.Run(
            "qemu-system-x86_64", "-machine", "pc", "-m", "128", "-drive", $"file={disk},format=raw");
        File.WriteAllBytes(environment, ReadBlock(disk, (int)new FileInfo(environment).Length));
        return output.TrimEnd('\n');
    }

    private void MakeDisk(string disk, string environment)
    {
        File.Copy(environment, Path.Combine(_root, "boot/grub/grubenv"), overwrite: true);
        var partition = Path.Combine(_folder, "grub-partition");
        File.WriteAllBytes(partition, new byte[PartitionBytes]);
        BootMachine.Tool("mkfs.ext2", "-q", "-F", "-d", _root, partition);

        var bytes = new byte[PartitionOffset + PartitionBytes];
        File.ReadAllBytes($"{Modules}/boot.img").CopyTo(bytes, 0);
        // For a disk without partitions there is code where their table is.
        var entry = bytes.AsSpan(446, 64);
        entry.Clear();
        (entry[0], entry[4]) = (0x80, 0x83);
        BinaryPrimitives.WriteInt32LittleEndian(entry[8..], PartitionOffset / SectorBytes);
        BinaryPrimitives.WriteInt32LittleEndian(entry[12..], PartitionBytes / SectorBytes);
        // The first sector expects the rest of GRUB behind it.
        _core.CopyTo(bytes.AsSpan(SectorBytes, PartitionOffset - SectorBytes));
        File.ReadAllBytes(partition).CopyTo(bytes, PartitionOffset);
        File.WriteAllBytes(disk, bytes);
    }

    private static byte[] ReadBlock(string disk, int length)
    {
        var bytes = File.ReadAllBytes(disk).AsSpan(PartitionOffset);
        return bytes.Slice(bytes.IndexOf("# GRUB Environment Block\n"u8), length).ToArray();
    }

    /// <summary>A kernel by the 32-bit boot protocol of Linux, version 2.03.</summary>
    private static byte[] MakeKernel()
    {
        byte[] code =
        [
            0x8b, 0x9e, 0x28, 0x02, 0x00, 0x00, // mov 0x228(%esi), %ebx: the command line
            0x66, 0xba, 0xf8, 0x03,             // mov $0x3f8, %dx: the serial port
            0x8a, 0x03,                         // next: mov (%ebx), %al
            0x84, 0xc0,                         // test %al, %al
            0x74, 0x04,                         // jz end
            0xee, 0x43,                         // out %al, %dx; inc %ebx
            0xeb, 0xf6,                         // jmp next
            0xb0, 0x0a, 0xee,                   // end: mov $'\n', %al; out %al, %dx
            0x66, 0xba, 0xf9, 0x0c,             // mov $0xcf9, %dx: the reset register
            0xb0, 0x06, 0xee,                   // mov $6, %al; out %al, %dx
            0xf4, 0xeb, 0xfd,                   // stop: hlt; jmp stop
        ];
        var kernel = new byte[(2 * SectorBytes) + code.Length];
        kernel[0x1f1] = 1; // one sector of setup code, which is not run
        (kernel[0x1fe], kernel[0x1ff]) = (0x55, 0xaa);
        (kernel[0x200], kernel[0x201]) = (0xeb, 0x40);
        "HdrS"u8.CopyTo(kernel.AsSpan(0x202));
        BinaryPrimitives.WriteUInt16LittleEndian(kernel.AsSpan(0x206), 0x0203);
        kernel[0x211] = 1; // loaded high
        BinaryPrimitives.WriteUInt32LittleEndian(kernel.AsSpan(0x214), 0x100000);
        BinaryPrimitives.WriteUInt32LittleEndian(kernel.AsSpan(0x22c), 0x37ffffff);
        code.CopyTo(kernel, 2 * SectorBytes);
        return kernel;
    }
}
