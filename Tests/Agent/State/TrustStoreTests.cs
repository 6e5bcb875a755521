using ChunkOta.Agent;
using ChunkOta.Chunking;
using ChunkOta.Durable;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.State;

public sealed class TrustStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AgentHome _home;
    private readonly TrustStore _store;

    public TrustStoreTests()
    {
        _home = new AgentHome(_folder["home"]);
        _store = new TrustStore(_home, new TestClock());
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Where_nothing_was_written_nothing_is_trusted()
    {
        Assert.Empty(_store.Load().Records);
    }

    [Fact]
    public async Task What_was_written_is_read_again()
    {
        var record = Record("editor", 7) with
        {
            Root = [1, 2, 3],
            SpkiSha256 = new string('a', 64),
            Channels = [new ChannelTrust { Channel = "stable", Platform = "any", Pointer = [4, 5], Seq = 9 }],
        };
        await WriteAsync(record);
        await WriteAsync(Record("viewer", 1));

        var read = _store.Load();

        Assert.Equal(2, read.Records.Count);
        var editor = read.Find("https://s", "editor")!;
        Assert.Equal(7ul, editor.AcceptedCounter);
        Assert.Equal(record.PinnedRoot, editor.PinnedRoot);
        Assert.Equal([1, 2, 3], editor.Root);
        Assert.Equal(9ul, editor.Find("stable", "any")!.Seq);
        Assert.Null(read.Find("https://other", "editor"));
    }

    [Theory]
    [InlineData("torn")]
    [InlineData("empty")]
    [InlineData("zeroed")]
    [InlineData("garbage")]
    [InlineData("gone")]
    public async Task A_damaged_newest_generation_leaves_the_one_before(string damage)
    {
        await WriteAsync(Record("editor", 1));
        await WriteAsync(Record("editor", 2));
        var newest = Path.Combine(_home.StateDirectory, "trust.b");
        Assert.Equal(2ul, _store.Load().Records[0].AcceptedCounter);

        Damage(newest, damage);

        Assert.Equal(1ul, _store.Load().Records[0].AcceptedCounter);
        await WriteAsync(Record("editor", 3));
        Assert.Equal(3ul, _store.Load().Records[0].AcceptedCounter);
    }

    [Fact]
    public async Task Both_generations_damaged_is_an_error_and_not_a_fresh_start()
    {
        await WriteAsync(Record("editor", 1));
        await WriteAsync(Record("editor", 2));
        Damage(Path.Combine(_home.StateDirectory, "trust.a"), "torn");
        Damage(Path.Combine(_home.StateDirectory, "trust.b"), "zeroed");

        var failure = Assert.Throws<ChunkOtaException>(() => _store.Load());

        Assert.Equal("IO_ERROR", failure.Code);
        Assert.Contains("damaged", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_write_leaves_the_old_trust()
    {
        await WriteAsync(Record("editor", 1));

        foreach (var operation in new[] { "Create", "Write", "Sync", "Rename" })
        {
            using (FaultPoint.Arm($"mode=eio;op={operation};path={_home.StateDirectory}"))
                await Assert.ThrowsAnyAsync<ChunkOtaException>(() => WriteAsync(Record("editor", 9)));
            Assert.Equal(1ul, _store.Load().Records[0].AcceptedCounter);
        }
    }

    [Fact]
    public async Task The_same_again_writes_nothing()
    {
        await WriteAsync(Record("editor", 1));
        var before = Directory.GetFiles(_home.StateDirectory).Length;

        await WriteAsync(Record("editor", 1));

        Assert.False(File.Exists(Path.Combine(_home.StateDirectory, "trust.b")));
        Assert.Equal(before, Directory.GetFiles(_home.StateDirectory).Length);
    }

    [Fact]
    public async Task Two_agents_that_change_trust_at_once_lose_nothing()
    {
        var products = Enumerable.Range(0, 20).Select(i => $"p{i}").ToList();

        await Task.WhenAll(products.Select(product => Task.Run(() => WriteAsync(Record(product, 1)))));

        Assert.Equal(products.Order(), _store.Load().Records.Select(record => record.Product).Order());
    }

    private static void Damage(string path, string damage)
    {
        var bytes = File.ReadAllBytes(path);
        switch (damage)
        {
            case "torn":
                File.WriteAllBytes(path, bytes[..(bytes.Length / 2)]);
                break;
            case "empty":
                File.WriteAllBytes(path, []);
                break;
            case "zeroed":
                File.WriteAllBytes(path, new byte[bytes.Length]);
                break;
            case "garbage":
                bytes[bytes.Length / 2] ^= 0x10;
                File.WriteAllBytes(path, bytes);
                break;
            default:
                File.Delete(path);
                break;
        }
    }

    private Task<TrustRecord> WriteAsync(TrustRecord record) =>
        _store.UpdateAsync(record.Server, record.Product, _ => record, CancellationToken.None);

    private static TrustRecord Record(string product, ulong counter) => new()
    {
        Server = "https://s",
        Product = product,
        DeviceId = "d",
        Channel = "stable",
        PinnedRoot = Digest.Of("root"u8),
        AcceptedCounter = counter,
    };
}
