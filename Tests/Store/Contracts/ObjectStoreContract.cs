using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Contracts;

/// <summary>What every object store promises; a class of a few lines runs it against a backend.</summary>
public abstract class ObjectStoreContract
{
    protected abstract IPrunableObjectStore Store { get; }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public async Task An_object_is_read_back_as_it_was_put(int length)
    {
        var content = Content(length, seed: 1);
        await Store.PutAsync(Name(1), content);

        Assert.Equal(length, await Store.FindLengthAsync(Name(1)));
        Assert.Equal(content, await Read(Name(1), 0, length));
        if (length > 10)
            Assert.Equal(content[7..^2], await Read(Name(1), 7, length - 9));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(700_000)]
    public async Task An_object_is_put_from_where_its_stream_stands(int length)
    {
        var content = Content(length + 5, seed: 2);
        using var stream = new MemoryStream(content) { Position = 5 };

        await Store.PutAsync(Name(1), stream);

        Assert.Equal(length, await Store.FindLengthAsync(Name(1)));
        Assert.Equal(content[5..], await Read(Name(1), 0, length));
    }

    [Fact]
    public async Task Putting_the_same_object_again_is_fine()
    {
        await Store.PutAsync(Name(1), Content(10, 1));
        await Store.PutAsync(Name(1), Content(10, 1));

        Assert.Equal(Content(10, 1), await Read(Name(1), 0, 10));
    }

    [Fact]
    public async Task The_kinds_have_names_of_their_own()
    {
        var digest = Name(1).Digest;
        await Store.PutAsync(ObjectName.Pack(digest), Content(10, 1));
        await Store.PutAsync(ObjectName.Manifest(digest), Content(11, 2));

        Assert.Equal(10, await Store.FindLengthAsync(ObjectName.Pack(digest)));
        Assert.Equal(11, await Store.FindLengthAsync(ObjectName.Manifest(digest)));
        Assert.Null(await Store.FindLengthAsync(ObjectName.Recipe(digest)));
    }

    [Fact]
    public async Task Reading_a_missing_object_throws_ObjectMissing()
    {
        var failure = await Assert.ThrowsAsync<ObjectMissingException>(() => Read(Name(1), 0, 1));

        Assert.Equal(Name(1), failure.Name);
        Assert.Contains(Name(1).ToString(), failure.OperatorDetail, StringComparison.Ordinal);
        Assert.Null(await Store.FindLengthAsync(Name(1)));
    }

    [Theory]
    [InlineData(0, 11)]
    [InlineData(10, 1)]
    [InlineData(100, 1)]
    public async Task Reading_beyond_the_end_names_the_object_to_the_operator_alone(long offset, int length)
    {
        await Store.PutAsync(Name(1), Content(10, 1));

        var failure = await Assert.ThrowsAsync<ObjectDamagedException>(() => Read(Name(1), offset, length));

        Assert.Contains(Name(1).ToString(), failure.OperatorDetail, StringComparison.Ordinal);
        Assert.DoesNotContain(Name(1).Digest.ToString(), failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(300)]
    public async Task Many_objects_are_put_at_once(int count)
    {
        var objects = Enumerable.Range(0, count).Select(i => new ObjectContent(Name(i), Content(i, i))).ToArray();

        await Store.PutManyAsync(objects);

        foreach (var (name, content) in objects) Assert.Equal(content.ToArray(), await Read(name, 0, content.Length));
        Assert.Equal(objects.Select(one => one.Name).ToHashSet(), await List(ObjectKind.Pack));
    }

    [Fact]
    public async Task A_list_holds_the_objects_of_its_kind_and_no_others()
    {
        await Store.PutAsync(Name(1), Content(1, 1));
        await Store.PutAsync(Name(2), Content(1, 1));
        await Store.PutAsync(ObjectName.Recipe(Name(3).Digest), Content(1, 1));

        Assert.Equal([Name(1), Name(2)], await List(ObjectKind.Pack));
        Assert.Empty(await List(ObjectKind.Manifest));
    }

    [Fact]
    public async Task A_deleted_object_is_gone_and_deleting_it_again_says_so()
    {
        await Store.PutAsync(Name(1), Content(1, 1));

        Assert.True(await Store.DeleteAsync(Name(1)));
        Assert.False(await Store.DeleteAsync(Name(1)));
        Assert.Null(await Store.FindLengthAsync(Name(1)));
    }

    [Fact]
    public async Task Many_callers_put_and_read_at_once()
    {
        await Parallel.ForAsync(0, 64, async (i, cancellationToken) =>
        {
            await Store.PutAsync(Name(i % 8), Content(1000, i % 8), cancellationToken);
            Assert.Equal(Content(1000, i % 8), await Read(Name(i % 8), 0, 1000));
        });

        Assert.Equal(8, (await List(ObjectKind.Pack)).Count);
    }

    protected static ObjectName Name(int i) => ObjectName.Pack(Digest.Of(BitConverter.GetBytes(i)));

    protected static byte[] Content(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private async Task<byte[]> Read(ObjectName name, long offset, int length)
    {
        var bytes = new byte[length];
        await Store.ReadAsync(name, offset, bytes);
        return bytes;
    }

    private async Task<HashSet<ObjectName>> List(ObjectKind kind)
    {
        HashSet<ObjectName> names = [];
        await foreach (var name in Store.ListAsync(kind)) Assert.True(names.Add(name));
        return names;
    }
}
