using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Support;
using ServerStore = ChunkOta.Storage.Store;

namespace ChunkOta.Tests.Store.Scrubbing;

/// <summary>A disk that answers EIO for one object, or is away as a whole.</summary>
public sealed class LostBlockTests
{
    [Fact]
    public async Task An_object_that_alone_cannot_be_read_is_damaged_and_one_of_a_store_that_is_away_is_not()
    {
        using var folder = new TemporaryFolder();
        await using var catalogue = SqliteCatalogue.Open(folder["catalogue.db"], TimeProvider.System);
        var objects = new FaultyObjectStore();
        using var store = new ServerStore(catalogue, objects, new StoreOptions { ScratchFolder = folder.Path });
        byte[] content = [.. Enumerable.Range(0, 72).Select(i => (byte)i)];
        var recipe = ObjectName.Recipe(Digest.Of(content));
        await objects.Inner.PutAsync(recipe, content);
        await catalogue.Chunks.AddRecipesAsync([new StoredRecipe(recipe.Digest, content.Length)], Guid.NewGuid());
        var away = new StoreUnavailableException("the disk is gone");

        (objects.Failure, objects.ReadFailure) = (away, away);
        await store.Scrubbing.Watch.NoteAsync(new ObjectUnreadableException(recipe, "EIO"), default);
        await Assert.ThrowsAsync<StoreUnavailableException>(
            () => store.Scrubbing.Watch.VerifyAsync(recipe, ScrubDepth.Full, default));
        Assert.False(await catalogue.Damage.HasAnyAsync());

        objects.Failure = null;
        var finding = await store.Scrubbing.Watch.VerifyAsync(recipe, ScrubDepth.Full, default);

        Assert.Equal(ObjectFault.Damaged, finding?.Fault);
        Assert.Equal("it cannot be read: the disk is gone", finding?.Detail);
        Assert.Equal(1, await catalogue.Damage.CountAsync());
    }
}
