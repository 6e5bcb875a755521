using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Publishing;

public sealed class ObjectArrivalsTests
{
    [Fact]
    public async Task An_object_that_a_collection_deletes_is_stored_when_it_is_gone()
    {
        using var folder = new TemporaryFolder();
        var clock = new ManualTime(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        await using var catalogue = SqliteCatalogue.Open(folder["catalogue.db"], clock);
        var objects = new MemoryObjectStore();
        var content = "content"u8.ToArray();
        var going = new TrashedObject(ObjectName.Pack(Digest.Of(content)), content.Length);
        await objects.PutAsync(going.Name, content);
        var collection = (await catalogue.Collection.BeginAsync())!;
        await catalogue.Trash.AddAsync(collection, [going], clock.GetUtcNow());
        await catalogue.Collection.AdvanceAsync(collection);
        Assert.Equal([going], await catalogue.Trash.ClaimAsync(collection, null, 1));

        var arrival = ObjectArrivals.PutAsync(
            objects, catalogue.Chunks, [new ObjectContent(going.Name, content)], CancellationToken.None);

        // The object is deleted only now: had it been stored before, it would be lost.
        Assert.False(arrival.IsCompleted);
        await objects.DeleteAsync(going.Name);
        await catalogue.Trash.RemoveAsync(collection, [going]);
        await arrival;
        Assert.NotNull(await objects.FindLengthAsync(going.Name));
    }
}
