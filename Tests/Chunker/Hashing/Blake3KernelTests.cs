using ChunkOta.Chunking;

namespace ChunkOta.Tests.Chunker.Hashing;

public class Blake3KernelTests
{
    private static readonly byte[] Data = RandomBytes(70 * Blake3.ChunkBytes);

    /// <summary>A fact about a kernel, skipped aloud where the processor cannot run it.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class FactOfKernelAttribute : FactAttribute
    {
        public FactOfKernelAttribute(string kernel)
        {
            if (!Blake3.IsSupported(Enum.Parse<Blake3.Kernel>(kernel)))
                Skip = $"this processor has no {kernel}";
        }
    }

    [FactOfKernel(nameof(Blake3.Kernel.Scalar))]
    public void The_scalar_kernel_gives_the_official_digests() => GivesTheOfficialDigests(Blake3.Kernel.Scalar);

    [FactOfKernel(nameof(Blake3.Kernel.Vector128))]
    public void The_128_bit_kernel_gives_the_official_digests() => GivesTheOfficialDigests(Blake3.Kernel.Vector128);

    [FactOfKernel(nameof(Blake3.Kernel.Avx2))]
    public void The_AVX2_kernel_gives_the_official_digests() => GivesTheOfficialDigests(Blake3.Kernel.Avx2);

    [FactOfKernel(nameof(Blake3.Kernel.Avx512))]
    public void The_AVX512_kernel_gives_the_official_digests() => GivesTheOfficialDigests(Blake3.Kernel.Avx512);

    [FactOfKernel(nameof(Blake3.Kernel.Vector128))]
    public void The_128_bit_kernel_agrees_with_the_scalar_one() => AgreesWithScalar(Blake3.Kernel.Vector128);

    [FactOfKernel(nameof(Blake3.Kernel.Avx2))]
    public void The_AVX2_kernel_agrees_with_the_scalar_one() => AgreesWithScalar(Blake3.Kernel.Avx2);

    [FactOfKernel(nameof(Blake3.Kernel.Avx512))]
    public void The_AVX512_kernel_agrees_with_the_scalar_one() => AgreesWithScalar(Blake3.Kernel.Avx512);

    [Fact]
    public void The_widest_kernel_is_one_that_this_processor_has()
    {
        Assert.True(Blake3.IsSupported(Blake3.WidestKernel));
        Assert.DoesNotContain(
            Enum.GetValues<Blake3.Kernel>(), kernel => kernel > Blake3.WidestKernel && Blake3.IsSupported(kernel));
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
        var random = new Random(1);
        var expected = new uint[70 * Blake3.CvWords];
        var actual = new uint[70 * Blake3.CvWords];
        fixed (byte* data = Data)
        fixed (uint* expectedCvs = expected, actualCvs = actual)
        {
            // Every length near a block's border in one chunk, then any length in up to 69, and counters past 32 bits.
            for (var round = 0; round < 1500; round++)
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
}
