using ChunkOta.Storage.Sqlite;
using ChunkOta.Tests.Support;
using Microsoft.Data.Sqlite;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>
/// A server whose store was changed behind its back, one case for each kind of thing: the agent refuses with a stable
/// code, what is installed stays, and once the store is as it was the same agent upgrades.
/// </summary>
public sealed class TamperedStoreTests
{
    [Theory]
    [InlineData("packs")]
    [InlineData("recipes")]
    [InlineData("manifests")]
    public async Task A_flipped_byte_in_an_object_is_refused_and_nothing_changes(string kind)
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var before = Objects(rig, kind).ToHashSet();
        var second = await rig.PublishSampleAsync(1, "1.1.0");
        var added = Objects(rig, kind).Except(before).ToArray();
        Assert.NotEmpty(added);

        await rig.RestartServerAfterAsync(_ => FlipIn(added));
        var refused = await rig.AgentAsync("upgrade", "app");
        AssertRefused(refused);
        SampleTree.AssertSame(first, rig.Current);

        await rig.RestartServerAfterAsync(_ => FlipIn(added));
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(second, rig.Current);
    }

    [Fact]
    public async Task A_flipped_byte_in_the_pointer_is_refused_and_nothing_changes()
    {
        await using var rig = await Rig.StartAsync();
        var first = await rig.PublishSampleAsync(0, "1.0.0");
        (await rig.InstallAsync()).Succeeded();
        var second = await rig.PublishSampleAsync(1, "1.1.0");

        await rig.RestartServerAfterAsync(FlipInPointer);
        AssertRefused(await rig.AgentAsync("upgrade", "app"));
        SampleTree.AssertSame(first, rig.Current);

        await rig.RestartServerAfterAsync(FlipInPointer);
        (await rig.AgentAsync("upgrade", "app")).Succeeded();
        SampleTree.AssertSame(second, rig.Current);
    }

    private static void AssertRefused(ProgramRun run)
    {
        Assert.Contains(run.Code, new[]
        {
            "CHUNK_HASH", "FRAME_INVALID", "DIGEST_MISMATCH", "SIG_INVALID", "STORE_UNAVAILABLE", "OBJECT_DAMAGED",
            "MANIFEST_INVALID", "POINTER_INVALID", "DECOMPRESS_LIMIT",
        });
        Assert.NotEqual(0, run.ExitCode);
    }

    private static IEnumerable<string> Objects(Rig rig, string kind) =>
        Directory.EnumerateFiles(Path.Combine(rig.Server.Data, "objects", kind), "*", SearchOption.AllDirectories);

    /// <summary>Flips one bit in the first quarter of each file: in a pack that is the bytes of a frame.</summary>
    private static void FlipIn(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            var bytes = File.ReadAllBytes(path);
            bytes[bytes.Length / 4] ^= 0x10;
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            File.WriteAllBytes(path, bytes);
        }
    }

    private static void FlipInPointer(string data)
    {
        Assert.NotEmpty(SqliteCatalogue.LibraryVersion);
        using var connection = new SqliteConnection($"Data Source={data}/catalogue.db;Pooling=False");
        connection.Open();
        using var read = connection.CreateCommand();
        read.CommandText = "SELECT envelope FROM pointers";
        var envelope = (byte[])read.ExecuteScalar()!;
        envelope[envelope.Length / 2] ^= 0x01;
        using var write = connection.CreateCommand();
        write.CommandText = "UPDATE pointers SET envelope = $envelope";
        write.Parameters.AddWithValue("$envelope", envelope);
        Assert.Equal(1, write.ExecuteNonQuery());
    }
}
