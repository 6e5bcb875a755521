using System.Diagnostics;
using ChunkOta.Chunking;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Hashing;

public class B3SumTests
{
    [FactIfInstalled("b3sum")]
    public async Task Files_of_any_length_hash_as_b3sum_hashes_them()
    {
        var random = new Random(42);
        var folder = Directory.CreateTempSubdirectory("b3sum-");
        try
        {
            var expected = new Dictionary<string, Digest>();
            for (var i = 0; i < 60; i++)
            {
                var content = new byte[(int)Math.Exp(random.NextDouble() * Math.Log(3_000_000))];
                random.NextBytes(content);
                var path = Path.Combine(folder.FullName, $"{i:d2}-{content.Length}");
                await File.WriteAllBytesAsync(path, content);
                expected[path] = Blake3.Hash(content);
            }

            Assert.Equal(expected, await B3SumAsync(expected.Keys));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Dictionary<string, Digest>> B3SumAsync(IEnumerable<string> paths)
    {
        using var process = Process.Start(new ProcessStartInfo("b3sum", paths)
        {
            RedirectStandardOutput = true,
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(line => line[66..], line => Digest.Parse(line.AsSpan(0, 64)));
    }
}
