using ChunkOta.Client;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server;

/// <summary>Nobody is locked out of a server whose data folder they have.</summary>
public sealed class AdminTokenTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private ServerProcess? _server;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_last_admin_token_stays()
    {
        _server = await ServerProcess.StartAsync(_folder["data"]);
        var own = Assert.Single((await Client().ListTokensAsync(new ListTokensRequest())).Tokens);

        Assert.Equal("LAST_ADMIN_TOKEN", await CodeOfRevokeAsync(own.TokenId));

        var other = await Client().CreateTokenAsync(new CreateTokenRequest { Role = TokenRole.Admin });
        await Client().RevokeTokenAsync(new RevokeTokenRequest { TokenId = other.TokenId });
        Assert.Equal("LAST_ADMIN_TOKEN", await CodeOfRevokeAsync(own.TokenId));
        await Client().CreateTokenAsync(new CreateTokenRequest { Role = TokenRole.Admin });
        await Client().RevokeTokenAsync(new RevokeTokenRequest { TokenId = own.TokenId });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_admin_token_is_replaced(bool isRunning)
    {
        var data = _folder["data"];
        _server = await ServerProcess.StartAsync(data);
        File.Delete(Path.Combine(data, "admin.token"));
        if (!isRunning) await _server.StopAsync();

        var run = (await RunAsync("token", "--data", data)).Succeeded();

        Assert.DoesNotContain(_server.AdminToken, run.Out + run.Error, StringComparison.Ordinal);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(data, "admin.token")));
        if (!isRunning) _server = await ServerProcess.StartAsync(data);
        Assert.Equal(2, (await Client().ListTokensAsync(new ListTokensRequest())).Tokens.Count);
    }

    [Fact]
    public async Task A_folder_of_no_server_gets_no_token()
    {
        (await RunAsync("token", "--data", _folder["empty"])).Refused("CONFIG_INVALID", 2);

        Assert.False(Directory.Exists(_folder["empty"]));
    }

    private static Task<ProgramRun> RunAsync(params string[] arguments) =>
        ProgramRun.RunAsync(new Dictionary<string, string?>(), "dotnet", [Programs.Server, .. arguments]);

    private Administration.AdministrationClient Client() =>
        new(_server!.Connect(_server.AdminToken).Invoker);

    private async Task<string> CodeOfRevokeAsync(string id) =>
        (await Assert.ThrowsAnyAsync<ChunkOtaException>(async () =>
            await Client().RevokeTokenAsync(new RevokeTokenRequest { TokenId = id }))).Code;
}
