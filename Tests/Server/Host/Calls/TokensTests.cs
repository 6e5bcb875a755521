using ChunkOta.Client;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Calls;

public sealed class TokensTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Whatever_is_wrong_with_a_token_the_answer_is_the_same()
    {
        using var publisher = await fixture.CreateProductAsync();
        var good = AccessToken.Parse(fixture.Server.AdminToken);
        byte[] nearlySecret = [.. good.Secret.Span];
        nearlySecret[^1] ^= 1;
        var revoked =
            await publisher.Administration.CreateTokenAsync(new CreateTokenRequest { Role = TokenRole.Reader });
        await publisher.Administration.RevokeTokenAsync(new RevokeTokenRequest { TokenId = revoked.TokenId });
        var install = InstallToken.Parse(await ServerFixture.CreateInstallTokenAsync(publisher));
        string?[] tokens =
        [
            null, "", "nonsense",
            good.ToString()[..^1],
            AccessToken.Generate().ToString(),
            revoked.Token,
            install.ToString(),
            AccessToken.Of(good.Id.Span, nearlySecret).ToString(),
            AccessToken.Of(install.Id.Span, install.Secret.Span).ToString(),
        ];

        var answers = new HashSet<string>();
        foreach (var token in tokens)
        {
            using var connection = fixture.Server.Connect(token);
            var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(
                async () => await new Administration.AdministrationClient(connection.Invoker)
                    .ListTokensAsync(new ListTokensRequest()));
            answers.Add($"{failure.Code} {failure.Message}");
        }

        Assert.StartsWith(ErrorCodes.TokenInvalid, Assert.Single(answers), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_token_is_told_so()
    {
        using var publisher = await fixture.CreateProductAsync();
        var token = await publisher.Administration.CreateTokenAsync(new CreateTokenRequest
        {
            Role = TokenRole.Reader,
            ExpiresUnixSeconds = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 1,
        });
        using var connection = fixture.Server.Connect(token.Token);
        var releases = new Releases.ReleasesClient(connection.Invoker);

        await Eventually.Async("the token's expiry", AskAsync, code => code == ErrorCodes.TokenExpired);

        async Task<string> AskAsync()
        {
            try
            {
                await releases.ListReleasesAsync(new ListReleasesRequest());
                return "";
            }
            catch (ChunkOtaException failure)
            {
                return failure.Code;
            }
        }
    }

    [Fact]
    public async Task Each_role_may_do_its_part_and_no_more()
    {
        using var mine = await fixture.CreateProductAsync();
        using var other = await fixture.CreateProductAsync();
        var reader = await TokenAsync(mine, TokenRole.Reader, "");
        var readerOfMine = await TokenAsync(mine, TokenRole.Reader, mine.Product);
        var publisher = await TokenAsync(mine, TokenRole.Publisher, mine.Product);

        Assert.Equal("", await CodeOfAsync(reader, c => ListAsync(c, mine)));
        Assert.Equal("", await CodeOfAsync(reader, c => ListAsync(c, other)));
        Assert.Equal(ErrorCodes.NotAllowed, await CodeOfAsync(reader, c => BeginAsync(c, mine)));
        Assert.Equal(ErrorCodes.NotAllowed, await CodeOfAsync(readerOfMine, c => ListAsync(c, other)));
        Assert.Equal("", await CodeOfAsync(publisher, c => BeginAsync(c, mine)));
        Assert.Equal(ErrorCodes.NotAllowed, await CodeOfAsync(publisher, c => BeginAsync(c, other)));
        foreach (var token in new[] { reader, readerOfMine, publisher })
        {
            Assert.Equal(ErrorCodes.NotAllowed, await CodeOfAsync(token, c => Task.FromResult(
                new Administration.AdministrationClient(c)
                    .CreateToken(new CreateTokenRequest { Role = TokenRole.Reader }))));
            Assert.Equal(ErrorCodes.NotAllowed, await CodeOfAsync(
                token, c => new Administration.AdministrationClient(c).ListTokensAsync(new ListTokensRequest())));
            Assert.Equal(ErrorCodes.NotAllowed, await CodeOfAsync(token, c => Task.FromResult(
                new Administration.AdministrationClient(c)
                    .CreateProduct(new CreateProductRequest { Name = "x", Root = mine.Keys.Root }))));
        }
    }

    [Fact]
    public async Task A_publish_can_be_gone_on_with_only_by_who_may_publish_the_product()
    {
        using var mine = await fixture.CreateProductAsync();
        using var other = await fixture.CreateProductAsync();
        var begun = await mine.BeginAsync("1.0.0");
        var stranger = await TokenAsync(other, TokenRole.Publisher, other.Product);

        Assert.Equal(ErrorCodes.NotAllowed, await CodeOfAsync(stranger, c => Task.FromResult(
            new Publishing.PublishingClient(c).FindMissing(new FindMissingRequest { PublishId = begun.PublishId }))));
    }

    [Fact]
    public async Task A_token_request_that_makes_no_sense_is_refused()
    {
        using var publisher = await fixture.CreateProductAsync();
        CreateTokenRequest[] requests =
        [
            new(),
            new() { Role = TokenRole.Install, Channel = "stable" },
            new() { Role = TokenRole.Install, Product = publisher.Product },
            new() { Role = TokenRole.Publisher },
            new() { Role = TokenRole.Admin, Product = publisher.Product },
            new() { Role = TokenRole.Reader, Channel = "stable" },
            new() { Role = TokenRole.Reader, Uses = 1 },
            new() { Role = TokenRole.Reader, ExpiresUnixSeconds = 1000 },
        ];

        foreach (var request in requests)
        {
            var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(async () =>
                await publisher.Administration.CreateTokenAsync(request));
            Assert.Equal(ErrorCodes.Usage, failure.Code);
        }

        var unknown =
            await Assert.ThrowsAnyAsync<ChunkOtaException>(async () => await publisher.Administration.CreateTokenAsync(
            new CreateTokenRequest { Role = TokenRole.Publisher, Product = "nothing" }));
        Assert.Equal(ErrorCodes.ProductUnknown, unknown.Code);
    }

    [Fact]
    public async Task Products_are_registered_once_and_under_proper_names()
    {
        using var publisher = await fixture.CreateProductAsync();
        using var strangers = new TestKeys();

        var again = await publisher.Administration.CreateProductAsync(
            new CreateProductRequest { Name = publisher.Product, Root = publisher.Keys.Root });

        Assert.True(again.AlreadyThere);
        Assert.Equal(ErrorCodes.ProductTaken, await CreateAsync(publisher.Product, strangers.Root));
        Assert.Equal(ErrorCodes.NameInvalid, await CreateAsync("../up", publisher.Keys.Root));
        Assert.Equal(ErrorCodes.RootInvalid, await CreateAsync("new", null));
        Assert.Equal(
            ErrorCodes.SigInvalid,
            await CreateAsync("new", new Envelope(publisher.Keys.Root) { Payload = strangers.Root.Payload }));

        async Task<string> CreateAsync(string name, Envelope? root) => (await Assert.ThrowsAnyAsync<ChunkOtaException>(
            async () => await publisher.Administration.CreateProductAsync(
                new CreateProductRequest { Name = name, Root = root }))).Code;
    }

    [Fact]
    public async Task A_message_above_the_limit_is_refused()
    {
        using var publisher = await fixture.CreateProductAsync();
        using var raw = Grpc.Net.Client.GrpcChannel.ForAddress(fixture.Server.Grpc);

        var failure = await Assert.ThrowsAsync<Grpc.Core.RpcException>(async () =>
            await new Administration.AdministrationClient(raw)
            .CreateTokenAsync(
                new CreateTokenRequest { Role = TokenRole.Reader, Label = new string('x', 1200 * 1024) },
                new Grpc.Core.Metadata { { "authorization", $"Bearer {fixture.Server.AdminToken}" } }));

        Assert.Equal(Grpc.Core.StatusCode.ResourceExhausted, failure.StatusCode);
    }

    [Fact]
    public async Task No_secret_reaches_the_log()
    {
        using var publisher = await fixture.CreateProductAsync();
        var token = await TokenAsync(publisher, TokenRole.Reader, "");
        await CodeOfAsync(token, c => BeginAsync(c, publisher));

        Assert.Contains("token", fixture.Server.Log, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(token, fixture.Server.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(fixture.Server.AdminToken, fixture.Server.Log, StringComparison.Ordinal);
    }

    private static async Task<string> TokenAsync(TestPublisher admin, TokenRole role, string product) =>
        (await admin.Administration.CreateTokenAsync(new CreateTokenRequest { Role = role, Product = product })).Token;

    private static async Task ListAsync(Grpc.Core.CallInvoker invoker, TestPublisher publisher) =>
        await new Releases.ReleasesClient(invoker)
            .ListReleasesAsync(new ListReleasesRequest { Product = publisher.Product });

    private static async Task BeginAsync(Grpc.Core.CallInvoker invoker, TestPublisher publisher) =>
        await new Publishing.PublishingClient(invoker).BeginPublishAsync(new BeginPublishRequest
        {
            Product = publisher.Product,
            Platform = TestPublisher.Platform,
            Version = "9.0.0",
            Channel = TestPublisher.Channel,
        });

    /// <summary>The code that a call fails with, or an empty text.</summary>
    private async Task<string> CodeOfAsync(string token, Func<Grpc.Core.CallInvoker, Task> call)
    {
        using var connection = fixture.Server.Connect(token);
        try
        {
            await call(connection.Invoker);
            return "";
        }
        catch (ChunkOtaException failure)
        {
            return failure.Code;
        }
    }
}
