using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Model;

/// <summary>The store under random use, by two to eight workers at once that die again and again.</summary>
public sealed class StoreModelTests
{
    private static readonly Dictionary<string, Func<IModelBackend>> Backends = new()
    {
        ["SQLite and a folder"] = () => new SqliteFolderBackend(),
    };

    public static TheoryData<string> Names => [.. Backends.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    [Trait("Category", "Random")]
    public async Task S_06_Nothing_visible_is_lost_and_nothing_useless_stays(string backend)
    {
        await using var used = Backends[backend]();
        // Each has its own workers, contents and deaths; OTA_TEST_SEED changes all of them.
        await using var model = new StoreModel(used, Rounds.Random(20_261_129).Next());
        await model.RunAsync(Rounds.Of(used.Operations));
    }
}
