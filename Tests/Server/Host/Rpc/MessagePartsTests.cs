using ChunkOta.Protos.V1;
using ChunkOta.Server;

namespace ChunkOta.Tests.Server.Rpc;

public sealed class MessagePartsTests
{
    [Fact]
    public void A_list_is_spread_over_messages_of_bounded_size_that_make_it_up()
    {
        var tokens = Enumerable.Range(0, 20_000)
            .Select(i => new Token { TokenId = $"token{i}", Label = new string('x', 100) }).ToList();

        var parts = tokens.Spread(new ListTokensResponse(), part => part.Tokens).ToList();

        Assert.InRange(parts.Count, 2, 10);
        Assert.All(parts, part => Assert.InRange(part.CalculateSize(), 1, 600 * 1024));
        var whole = new ListTokensResponse();
        parts.ForEach(part => whole.MergeFrom(part));
        Assert.Equal(tokens, whole.Tokens);
    }

    [Fact]
    public void What_is_beside_the_list_comes_once_also_without_items()
    {
        var parts = Enumerable.Empty<BuiltDelta>()
            .Spread(new ListDeltasResponse { IsBuilding = true }, part => part.Built).ToList();

        Assert.True(Assert.Single(parts).IsBuilding);
    }
}
