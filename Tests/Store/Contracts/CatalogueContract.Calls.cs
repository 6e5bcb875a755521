namespace ChunkOta.Tests.Store.Contracts;

public abstract partial class CatalogueContract
{
    [Fact]
    public async Task A_signed_call_is_remembered_until_its_time_is_over()
    {
        var (call, other) = (Hash("call").ToString()[..16], Hash("other").ToString()[..16]);

        Assert.True(await Remember(call));
        Assert.False(await Remember(call));
        Assert.True(await Remember(other));
        await ReopenAsync();
        Assert.False(await Remember(call));

        Time.Advance(TimeSpan.FromMinutes(11));
        Assert.True(await Remember(call));

        Task<bool> Remember(string name) => Catalogue.Devices.RememberCallAsync(
            System.Text.Encoding.ASCII.GetBytes(name), Time.GetUtcNow().AddMinutes(10));
    }

    [Fact]
    public async Task Of_many_servers_that_get_the_same_signed_call_one_accepts_it()
    {
        var call = new byte[16];

        var accepted = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => Catalogue.Devices.RememberCallAsync(call, Time.GetUtcNow().AddMinutes(10)))));

        Assert.Single(accepted, true);
    }
}
