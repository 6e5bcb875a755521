using System.Runtime.InteropServices;

namespace ChunkOta.Tests.Support;

/// <summary>Memory between two pages that cannot be accessed: native code that runs past either end crashes.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int NoAccess = 0;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    private readonly byte* _start;
    private readonly int _capacity;

    /// <param name="capacity">Bytes; rounded up to whole pages.</param>
    public GuardedMemory(int capacity)
    {
        var page = Environment.SystemPageSize;
        _capacity = (capacity + page - 1) / page * page;
        var map = Map(0, (nuint)(_capacity + (2 * page)), NoAccess, PrivateAnonymous, -1, 0);
        Assert.NotEqual(-1, map);
        Assert.Equal(0, Protect(map + page, (nuint)_capacity, ReadWrite));
        _start = (byte*)map + page;
    }

    /// <summary>The first bytes, right after the lower guard.</summary>
    public Span<byte> First(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _capacity);
        return new Span<byte>(_start, length);
    }

    /// <summary>The last bytes, right before the upper guard.</summary>
    public Span<byte> Last(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _capacity);
        return new Span<byte>(_start + _capacity - length, length);
    }

    public void Dispose()
    {
        var page = Environment.SystemPageSize;
        Assert.Equal(0, Unmap((nint)_start - page, (nuint)(_capacity + (2 * page))));
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
