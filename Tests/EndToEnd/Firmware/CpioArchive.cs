using System.Globalization;
using System.Text;

namespace ChunkOta.Tests.Firmware;

/// <summary>An archive as the kernel unpacks it for an initramfs, in the format "newc".</summary>
internal sealed class CpioArchive
{
    private const int DirectoryMode = 0x41ed;
    private const int ProgramMode = 0x81ed;

    private readonly List<byte> _bytes = [];
    private int _inode = 1;

    public CpioArchive Folder(string name) => Add(name, DirectoryMode, []);

    public CpioArchive File(string name, byte[] content) => Add(name, ProgramMode, content);

    public void Save(string path)
    {
        Add("TRAILER!!!", 0, []);
        System.IO.File.WriteAllBytes(path, [.. _bytes]);
    }

    private CpioArchive Add(string name, int mode, byte[] content)
    {
        int[] fields = [_inode++, mode, 0, 0, 1, 0, content.Length, 0, 0, 0, 0, name.Length + 1, 0];
        var header = string.Concat(fields.Select(field => field.ToString("x8", CultureInfo.InvariantCulture)));
        _bytes.AddRange(Encoding.ASCII.GetBytes($"070701{header}{name}\0"));
        Pad();
        _bytes.AddRange(content);
        Pad();
        return this;
    }

    private void Pad()
    {
        while (_bytes.Count % 4 != 0)
            _bytes.Add(0);
    }
}
