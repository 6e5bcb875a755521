using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace ChunkOta.Durable;

/// <summary>The mount that an open file or directory was reached by: two mounts of one file system differ in
/// it.</summary>
internal static unsafe class MountId
{
    /// <summary>Returns the id; 0 where the system does not tell.</summary>
    /// <param name="status">What the kernel said of the descriptor.</param>
    /// <param name="file">The descriptor.</param>
    internal static ulong Of(in Libc.StatusBuffer status, SafeFileHandle file) =>
        (status.Mask & Libc.MountIdMask) != 0 ? status.MountId : FromProc(file);

    /// <summary>Reads the id from <c>/proc</c>, as kernels before 5.8 tell it; 0 without <c>/proc</c>.</summary>
    internal static ulong FromProc(SafeFileHandle file)
    {
        var path = $"/proc/self/fdinfo/{file.DangerousGetHandle()}";
        using var info = Sys.TryOpen(path, Libc.ReadOnly, 0, out _);
        if (info is null)
            return 0;
        Span<byte> text = stackalloc byte[1024];
        text = text[..Sys.ReadAt(info, path, 0, text)];
        var at = text.IndexOf("mnt_id:"u8);
        return at >= 0 && Utf8Parser.TryParse(text[(at + 7)..].TrimStart("\t "u8), out ulong id, out _) ? id : 0;
    }
}
