using ChunkOta.Admin;
using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Admin.Publishing;

public sealed class FileHasherTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_file_with_content_has_its_own_digest()
    {
        int[] lengths = [0, 1, 1024, 262_143, 262_144, 262_145, 1_000_000];
        foreach (var length in lengths)
            await File.WriteAllBytesAsync(_folder[$"{length:0000000}"], Bytes(length));
        File.CreateSymbolicLink(_folder["link"], "0000001");
        using var tree = SourceTree.Scan(_folder.Path);
        var progress = new CountingProgress();

        var digests = await FileHasher.HashAsync(tree, progress, CancellationToken.None);

        Assert.Equal(
            lengths.Select(length => length == 0 ? default : Digest.Of(Bytes(length))).Append(default), digests);
        Assert.Equal(tree.TotalBytes, progress.Bytes);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_named_in_one_failure()
    {
        for (var i = 0; i < 20; i++)
            await File.WriteAllTextAsync(_folder[$"file{i}"], "content");
        using var tree = SourceTree.Scan(_folder.Path);
        File.Delete(_folder["file7"]);

        var refused = await Assert.ThrowsAsync<ChunkOtaException>(
            () => FileHasher.HashAsync(tree, new CountingProgress(), CancellationToken.None));

        Assert.Equal("IO_ERROR", refused.Code);
        Assert.Contains("'file7'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cutting_gives_chunks_that_make_up_the_file()
    {
        var content = Bytes(3_000_000);
        await File.WriteAllBytesAsync(_folder["big"], content);
        await File.WriteAllBytesAsync(_folder["small"], content.AsMemory(0, 5_000));
        using var tree = SourceTree.Scan(_folder.Path);
        var digests = await FileHasher.HashAsync(tree, new CountingProgress(), CancellationToken.None);

        var chunks = await FileCutter.CutAsync(
            tree, [0, 1], digests, CutParameters.Default, new CountingProgress(), CancellationToken.None);

        var offset = 0;
        foreach (var chunk in chunks[0])
        {
            Assert.Equal(Digest.Of(content.AsSpan(offset, chunk.Length)), chunk.Hash);
            offset += chunk.Length;
        }

        Assert.Equal(content.Length, offset);
        Assert.True(chunks[0].Count > 10);
        Assert.Equal(new ChunkRef(digests[1], 5_000), Assert.Single(chunks[1]));
    }

    [Fact]
    public async Task A_change_that_keeps_length_and_time_is_noticed_and_a_hard_link_is_none()
    {
        var time = DateTime.UnixEpoch.AddYears(50);
        var content = Bytes(600_000);
        Directory.CreateDirectory(_folder["tree"]);
        await File.WriteAllBytesAsync(_folder["tree/big"], content);
        File.SetLastWriteTimeUtc(_folder["tree/big"], time);
        using var tree = SourceTree.Scan(_folder["tree"]);
        var digests = await FileHasher.HashAsync(tree, new CountingProgress(), CancellationToken.None);
        using (var source = DirectoryTree.Open(_folder["tree"]))
        using (var other = DirectoryTree.Create(_folder["other"]))
            Assert.True(other.TryLink("another", source, "big"));

        Assert.NotEmpty(await CutAsync(tree, digests));
        content[300_000] ^= 1;
        await File.WriteAllBytesAsync(_folder["tree/big"], content);
        File.SetLastWriteTimeUtc(_folder["tree/big"], time);

        var refused = await Assert.ThrowsAsync<ChunkOtaException>(() => CutAsync(tree, digests));
        Assert.Contains("'big' changed", refused.Message, StringComparison.Ordinal);

        static Task<IReadOnlyDictionary<int, IReadOnlyList<ChunkRef>>> CutAsync(SourceTree tree, Digest[] digests) =>
            FileCutter.CutAsync(
                tree, [0], digests, CutParameters.Default, new CountingProgress(), CancellationToken.None);
    }

    [Fact]
    public async Task A_file_that_no_longer_has_its_digest_is_not_cut()
    {
        await File.WriteAllBytesAsync(_folder["big"], Bytes(100_000));
        using var tree = SourceTree.Scan(_folder.Path);

        var refused = await Assert.ThrowsAsync<ChunkOtaException>(() => FileCutter.CutAsync(
            tree, [0], [Digest.Of("other"u8)], CutParameters.Default, new CountingProgress(), CancellationToken.None));

        Assert.Contains("'big' changed", refused.Message, StringComparison.Ordinal);
    }

    private static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
