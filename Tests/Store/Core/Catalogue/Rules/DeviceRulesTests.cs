using ChunkOta.Storage;

namespace ChunkOta.Tests.Store.Catalogue;

public sealed class DeviceRulesTests : RulesFixture
{
    private readonly TokenRecord _token = new()
    {
        Id = "t1",
        SecretDigest = Hash("secret"),
        Role = AccessRole.Install,
        Product = "app",
        Channel = "stable",
        Created = Now,
        Uses = 2,
    };

    [Fact]
    public void A_device_enrols_for_its_tokens_product_and_channel_and_counts_a_use()
    {
        State.Tokens.Add(_token);

        var device = Enrol(key: 1);

        Assert.Equal(("id1", "app", "stable", "any", Now), (
            device.Id, device.Product, device.Channel, device.Platform, device.Enrolled));
        Assert.Equal(1, State.Tokens[0].Used);
    }

    [Fact]
    public void The_same_key_is_the_same_device_even_of_a_token_that_is_used_up()
    {
        State.Tokens.Add(_token with { Uses = 1 });
        var first = Enrol(key: 1);

        Assert.Same(first, Enrol(key: 1));
        Assert.Equal("TOKEN_INVALID", CodeOf(() => Enrol(key: 2)));
        Assert.Equal(1, State.Tokens[0].Used);
    }

    [Fact]
    public void A_token_of_no_limit_enrols_any_number()
    {
        State.Tokens.Add(_token with { Uses = 0 });

        for (byte key = 0; key < 5; key++) _ = Enrol(key);

        Assert.Equal(5, State.Tokens[0].Used);
    }

    [Fact]
    public void A_token_that_is_unknown_revoked_expired_or_of_another_role_enrols_nobody()
    {
        Assert.Equal("TOKEN_INVALID", CodeOf(() => Enrol(key: 1)));
        Assert.Equal("TOKEN_INVALID", CodeWith(_token with { IsRevoked = true }));
        Assert.Equal("TOKEN_INVALID", CodeWith(_token with { Role = AccessRole.Admin }));
        Assert.Equal("TOKEN_EXPIRED", CodeWith(_token with { Expires = Now }));
        Assert.Empty(State.Devices);
    }

    [Fact]
    public void A_report_replaces_the_last_one_of_an_enrolled_device()
    {
        State.Tokens.Add(_token);
        var device = Enrol(key: 1);

        DeviceRules.PutReport(State, Report(device.Id, state: 1));
        DeviceRules.PutReport(State, Report(device.Id, state: 2));

        Assert.Equal(2, Assert.Single(State.Reports).State);
        Assert.Equal("DEVICE_UNKNOWN", CodeOf(() => DeviceRules.PutReport(State, Report("none", state: 1))));
    }

    private DeviceRecord Enrol(byte key) =>
        DeviceRules.Enrol(State, new Enrolment("t1", new[] { key }, "any", "0.1.0"), $"id{key}", Now);

    private string CodeWith(TokenRecord token)
    {
        State.Tokens.Clear();
        State.Tokens.Add(token);
        return CodeOf(() => Enrol(key: 1));
    }

    private static DeviceReport Report(string device, int state) => new()
    {
        DeviceId = device,
        Received = Now,
        Product = "app",
        Platform = "any",
        Channel = "stable",
        State = state,
    };
}
