using System.Runtime.InteropServices;
using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Hashing;

public partial class Blake3KernelTests
{
    private static readonly byte[] Data = RandomBytes(70 * Blake3.ChunkBytes);

    /// <summary>The kernels that this processor can run; the others cannot be tested on it.</summary>
    public static TheoryData<string> Kernels =>
        [.. Enum.GetValues<Blake3.Kernel>().Where(Blake3.IsSupported).Select(kernel => kernel.ToString())];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Every_kernel_gives_the_official_digests(string kernel) =>
        GivesTheOfficialDigests(Enum.Parse<Blake3.Kernel>(kernel));

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Every_kernel_agrees_with_the_scalar_one(string kernel) =>
        AgreesWithScalar(Enum.Parse<Blake3.Kernel>(kernel));

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Every_kernel_agrees_with_the_scalar_one_on_every_length_up_to_eight_chunks(string name)
    {
        var kernel = Enum.Parse<Blake3.Kernel>(name);
        for (var length = 0; length <= 8 * Blake3.ChunkBytes; length += length < 2 * Blake3.ChunkBytes ? 1 : 13)
        {
            // The bytes around an input must not count: every length begins elsewhere.
            var input = Data.AsSpan(length % 61, length);

            Assert.Equal(Blake3.Hash(input, Blake3.Kernel.Scalar), Blake3.Hash(input, kernel));
        }
    }

    [Fact]
    public void The_widest_kernel_is_one_that_this_processor_has()
    {
        Assert.True(Blake3.IsSupported(Blake3.WidestKernel));
        Assert.DoesNotContain(
            Enum.GetValues<Blake3.Kernel>(), kernel => kernel > Blake3.WidestKernel && Blake3.IsSupported(kernel));
    }

    /// <summary>A read past the end would end the whole run: the page behind the input allows none.</summary>
    [Fact]
    [Trait("Category", "Random")]
    public unsafe void No_kernel_reads_past_the_end_of_its_input()
    {
        const int Bytes = 40 * Blake3.ChunkBytes, NoAccess = 0, ReadWrite = 3, PrivateAnonymous = 0x22;
        var page = Environment.SystemPageSize;
        Assert.Equal(0, Bytes % page);
        var map = Map(0, (nuint)(Bytes + page), ReadWrite, PrivateAnonymous, -1, 0);
        Assert.NotEqual(-1, map);
        try
        {
            Assert.Equal(0, Protect(map + Bytes, (nuint)page, NoAccess));
            Data.AsSpan(0, Bytes).CopyTo(new Span<byte>((void*)map, Bytes));

            foreach (var kernel in Enum.GetValues<Blake3.Kernel>().Where(Blake3.IsSupported))
            {
                for (var length = 0; length <= Bytes; length += 331)
                {
                    var input = new ReadOnlySpan<byte>((byte*)map + Bytes - length, length);
                    Assert.Equal(Blake3.Hash(input.ToArray(), Blake3.Kernel.Scalar), Blake3.Hash(input, kernel));
                }
            }
        }
        finally
        {
            Assert.Equal(0, Unmap(map, (nuint)(Bytes + page)));
        }
    }

    private static void GivesTheOfficialDigests(Blake3.Kernel kernel)
    {
        var hasher = new Blake3Hasher(kernel);
        foreach (var (length, hash) in Blake3Vectors.Cases)
        {
            var input = Blake3Vectors.Input(length);
            hasher.Reset();
            hasher.Append(input);

            Assert.Equal(hash, Blake3.Hash(input, kernel).ToString());
            Assert.Equal(hash, hasher.Finish().ToString());
        }
    }

    private static unsafe void AgreesWithScalar(Blake3.Kernel kernel)
    {
        var random = Rounds.Random(1);
        var expected = new uint[70 * Blake3.CvWords];
        var actual = new uint[70 * Blake3.CvWords];
        fixed (byte* data = Data)
        fixed (uint* expectedCvs = expected, actualCvs = actual)
        {
            // Every length near a block's border in one chunk, then any length in up to 69, and counters past 32 bits.
            for (var round = 0; round < Rounds.Of(400); round++)
            {
                var length = round < 100 ? 1 + round * 11 : random.Next(1, 69 * Blake3.ChunkBytes);
                if (random.Next(2) == 0)
                    length = Math.Max(1, length & -64);
                var counter = (ulong)random.NextInt64() >> random.Next(63);
                if (random.Next(2) == 0)
                    counter |= 0xFFFF_FFF0;
                expected.AsSpan().Fill(0xAAAA_AAAA);
                actual.AsSpan().Fill(0xAAAA_AAAA);
                var start = data + random.Next(Blake3.ChunkBytes);

                var count = Blake3.HashChunks(Blake3.Kernel.Scalar, start, length, counter, expectedCvs);
                Assert.Equal(count, Blake3.HashChunks(kernel, start, length, counter, actualCvs));
                Assert.Equal(expected, actual);

                // In place, as the tree does it.
                Blake3.HashParents(Blake3.Kernel.Scalar, expectedCvs, count / 2, expectedCvs);
                Blake3.HashParents(kernel, actualCvs, count / 2, actualCvs);
                Assert.Equal(expected, actual);
            }
        }
    }

    private static byte[] RandomBytes(int length)
    {
        var bytes = new byte[length];
        new Random(3).NextBytes(bytes);
        return bytes;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);
}
