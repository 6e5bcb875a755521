using ChunkOta.Durable;
using ChunkOta.Storage;
using ChunkOta.Tests.Store.Contracts;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Objects;

public sealed class FileObjectStoreTests : ObjectStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FileObjectStoreTests() => Store = FileObjectStore.Open(_folder.Path);

    protected override IPrunableObjectStore Store { get; }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_mark_is_read_back_and_replaced()
    {
        var store = (IMarkedObjectStore)Store;

        Assert.Null(await store.FindMarkAsync());
        await store.PutMarkAsync("one");
        await store.PutMarkAsync("another");
        Assert.Equal("another", await store.FindMarkAsync());
    }

    [Fact]
    public async Task An_object_is_a_private_file_of_its_own_name()
    {
        await Store.PutAsync(Name(1), Content(5, 1));

        var status = Fs.FindStatus(_folder[Name(1).ToString()])!.Value;
        Assert.Equal((FileKind.File, 5, 0b110_000_000), (status.Kind, status.Length, status.Mode));
    }

    [Fact]
    public async Task The_order_is_draft_sync_rename_sync_of_the_folder()
    {
        await Store.PutAsync(Name(1), Content(5, 1));

        Assert.Equal(["Create", "Write", "Sync", "Rename", "SyncDirectory"], await Steps(1));
    }

    [Fact]
    public async Task Many_objects_have_two_barriers_and_no_other_sync()
    {
        var objects = Enumerable.Range(0, 100).Select(i => new ObjectContent(Name(i), Content(9, i))).ToArray();
        await Store.PutManyAsync(objects);

        var steps = await Steps(100);

        Assert.Equal(2, steps.Count(step => step == "SyncFileSystem"));
        Assert.DoesNotContain("Sync", steps);
        Assert.Equal(100, steps.Skip(steps.IndexOf("SyncFileSystem")).Count(step => step == "Rename"));
    }

    [Theory]
    [InlineData("Create", "eio", "STORE_UNAVAILABLE", 1)]
    [InlineData("Write", "enospc", "STORE_FULL", 1)]
    [InlineData("Sync", "eio", "STORE_UNAVAILABLE", 1)]
    [InlineData("Rename", "eio", "STORE_UNAVAILABLE", 1)]
    [InlineData("Create", "enospc", "STORE_FULL", 20)]
    [InlineData("Write", "eio", "STORE_UNAVAILABLE", 20)]
    [InlineData("SyncFileSystem", "eio", "STORE_UNAVAILABLE", 20)]
    [InlineData("Rename", "eio", "STORE_UNAVAILABLE", 20)]
    public async Task DUR_01_A_failure_leaves_no_object_and_no_draft_and_the_next_try_succeeds(
        string operation, string mode, string code, int count)
    {
        var objects = Enumerable.Range(0, count).Select(i => new ObjectContent(Name(i), Content(9, i))).ToArray();
        using (FaultPoint.Arm($"op={operation};path={_folder.Path};mode={mode}"))
        {
            var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => Store.PutManyAsync(objects));
            Assert.Equal(code, failure.Code);
        }

        foreach (var (name, _) in objects) Assert.Null(await Store.FindLengthAsync(name));
        Assert.Empty(Fs.FindNames(_folder["tmp"])!);
        await Store.PutManyAsync(objects);
        foreach (var (name, _) in objects) Assert.Equal(9, await Store.FindLengthAsync(name));
    }

    [Fact]
    public async Task What_a_killed_process_left_in_drafts_goes_when_the_store_is_opened_again()
    {
        await Store.PutAsync(Name(1), Content(5, 1));
        await File.WriteAllTextAsync(_folder["tmp/.abc.1-1.tmp"], "half");

        var again = FileObjectStore.Open(_folder.Path);

        Assert.Empty(Fs.FindNames(_folder["tmp"])!);
        Assert.Equal(5, await again.FindLengthAsync(Name(1)));
    }

    [Fact]
    public async Task Files_that_are_no_objects_are_not_listed()
    {
        await Store.PutAsync(Name(1), Content(5, 1));
        await File.WriteAllTextAsync(_folder["packs/notes.txt"], "");
        await File.WriteAllTextAsync(_folder[Name(1) + ".old"], "");

        Assert.Equal([Name(1)], await Store.ListAsync(ObjectKind.Pack).ToListAsync());
    }

    /// <summary>The steps of putting so many objects again, their folders being there.</summary>
    private async Task<List<string>> Steps(int count)
    {
        using var log = new TemporaryFolder();
        using (FaultPoint.Arm($"path={_folder.Path};mode=log;log={log["steps"]}"))
        {
            await Store.PutManyAsync(
                [
                .. Enumerable.Range(0, count)
                    .Select(i => new ObjectContent(Name(count == 1 ? 1 : i), Content(9, i))),
            ]);
        }
        return [.. File.ReadLines(log["steps"]).Select(line => line.Split(' ')[1])];
    }
}
