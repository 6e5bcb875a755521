using System.Text.Json;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Admin.AgainstServer;

public sealed class LoginTests(AdminBench bench) : IClassFixture<AdminBench>, IDisposable
{
    private readonly TemporaryFolder _config = new();

    public void Dispose() => _config.Dispose();

    [Fact]
    public async Task After_a_login_commands_need_neither_server_nor_token_nor_certificate()
    {
        var ca = _config["tls.crt"];
        File.Copy(Path.Combine(bench.Server.Data, "tls.crt"), ca);
        var token = await File.ReadAllTextAsync(bench.TokenFile);

        var login = await RunAsync(
            "login", bench.Server.Tls.ToString(), "--token", $"@{bench.TokenFile}", "--ca", ca);
        File.Delete(ca);
        var list = await RunAsync("products", "list");

        login.Succeeded();
        list.Succeeded();
        var file = _config["chunkota/default.json"];
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.DoesNotContain(token.Trim(), login.Out + login.Error, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(_config["chunkota"]));
    }

    [Fact]
    public async Task Profiles_are_kept_apart_listed_without_their_tokens_and_removed()
    {
        var token = (await File.ReadAllTextAsync(bench.TokenFile)).Trim();
        var reader = (await bench.AnswerAsync("tokens", "create", "--role", "reader"))
            .GetProperty("token").GetString()!;
        (await LoginAsync(token)).Succeeded();
        (await LoginAsync(reader, "--profile", "looking")).Succeeded();

        var listed = await RunAsync("profiles", "--profile", "looking");
        var asAdmin = await RunAsync("tokens", "list");
        var asReader = await RunAsync("tokens", "list", "--profile", "looking");
        var removed = await RunAsync("logout", "--profile", "looking");
        var gone = await RunAsync("products", "list", "--profile", "looking");

        Assert.Contains("default", listed.Succeeded().Out, StringComparison.Ordinal);
        Assert.Contains("looking", listed.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(token, listed.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(reader, listed.Out, StringComparison.Ordinal);
        asAdmin.Succeeded();
        asReader.Refused("NOT_ALLOWED", 5);
        removed.Succeeded();
        gone.Refused("CONFIG_INVALID", 2);
        Assert.Contains("ota-admin login URL --profile looking", gone.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_that_does_not_work_keeps_nothing()
    {
        var unknown = AccessToken.Generate().ToString();

        var refused = await LoginAsync(unknown);
        var noServer = await RunAsync(
            "login", "http://127.0.0.1:1", "--token", $"@{bench.TokenFile}");

        refused.Refused("TOKEN_INVALID", 5);
        noServer.Refused("SERVER_UNAVAILABLE", 8);
        Assert.False(File.Exists(_config["chunkota/default.json"]));
    }

    [Fact]
    public async Task A_profiles_token_is_sent_to_no_other_server()
    {
        (await LoginAsync((await File.ReadAllTextAsync(bench.TokenFile)).Trim())).Succeeded();

        var run = await RunAsync("products", "list", "--server", "http://127.0.0.1:1");

        run.Refused("TOKEN_INVALID", 5);
    }

    [Fact]
    public async Task Arguments_win_over_the_environment_and_that_wins_over_the_profile()
    {
        (await LoginAsync((await File.ReadAllTextAsync(bench.TokenFile)).Trim())).Succeeded();
        var wrong = AccessToken.Generate().ToString();

        var byEnvironment = await AdminProcess.RunInAsync(Environment(("OTA_TOKEN", wrong)), "products", "list");
        var byArgument = await AdminProcess.RunInAsync(
            Environment(("OTA_TOKEN", wrong)), "products", "list", "--token", $"@{bench.TokenFile}");
        var elsewhere = await AdminProcess.RunInAsync(
            Environment(("OTA_SERVER", "http://127.0.0.1:1"), ("OTA_TOKEN", wrong)), "products", "list");

        byEnvironment.Refused("TOKEN_INVALID", 5);
        byArgument.Succeeded();
        elsewhere.Refused("SERVER_UNAVAILABLE", 8);
    }

    [Fact]
    public async Task A_profile_that_is_named_wins_over_the_environment_and_takes_no_other_server()
    {
        (await LoginAsync((await File.ReadAllTextAsync(bench.TokenFile)).Trim(), "--profile", "mine")).Succeeded();
        var elsewhere = Environment(
            ("OTA_SERVER", "http://127.0.0.1:1"), ("OTA_TOKEN", AccessToken.Generate().ToString()));

        var named = await AdminProcess.RunInAsync(elsewhere, "products", "list", "--profile", "mine");
        var both = await AdminProcess.RunInAsync(
            elsewhere, "products", "list", "--profile", "mine", "--server", "http://127.0.0.1:1");

        named.Succeeded();
        both.Refused("USAGE", 2);
    }

    [Fact]
    public async Task A_profile_that_an_editor_saved_with_a_mark_and_CRLF_is_read()
    {
        (await LoginAsync((await File.ReadAllTextAsync(bench.TokenFile)).Trim())).Succeeded();
        var file = _config["chunkota/default.json"];
        var text = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, "\ufeff" + text.ReplaceLineEndings("\r\n"));

        (await RunAsync("products", "list")).Succeeded();
    }

    [Fact]
    public async Task A_default_profile_that_cannot_be_used_stops_only_commands_that_need_it()
    {
        (await LoginAsync((await File.ReadAllTextAsync(bench.TokenFile)).Trim())).Succeeded();
        await File.WriteAllTextAsync(_config["chunkota/default.json"], "no JSON");

        (await RunAsync("products", "list")).Refused("CONFIG_INVALID", 2);
        (await RunAsync(
            "products", "list", "--server", bench.Server.Grpc.ToString(), "--token", $"@{bench.TokenFile}"))
            .Succeeded();
        (await RunAsync(
            "products", "list", "--server", bench.Server.Grpc.ToString(), "--token", $"@{bench.TokenFile}",
            "--profile", "default")).Refused("CONFIG_INVALID", 2);
    }

    [Fact]
    public async Task A_profile_that_others_can_read_is_refused()
    {
        (await LoginAsync((await File.ReadAllTextAsync(bench.TokenFile)).Trim())).Succeeded();
        var file = _config["chunkota/default.json"];
        File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.OtherRead);

        var run = await RunAsync("products", "list");

        run.Refused("CONFIG_INVALID", 2);
        Assert.Contains("chmod 600", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Product_platform_channel_and_keys_come_from_the_environment()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);

        var run = await AdminProcess.RunInAsync(
            Environment(
                ("OTA_SERVER", bench.Server.Grpc.ToString()), ("OTA_TOKEN", $"@{bench.TokenFile}"),
                ("OTA_PRODUCT", product.Name), ("OTA_PLATFORM", "linux-arm64"), ("OTA_CHANNEL", "stable"),
                ("OTA_KEYS", product.Keys)),
            "publish", product.Tree, "--version", "1.0.0", "--platform", "linux-x64", "--json");

        var report = run.Succeeded().Json;
        Assert.Equal(
            (product.Name, "linux-x64", "stable"),
            (report.GetProperty("product").GetString(), report.GetProperty("platform").GetString(),
                report.GetProperty("channel").GetString()));
    }

    [Fact]
    public async Task Arguments_that_are_left_out_come_from_the_environment()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);
        (await bench.RunAsync(product.Publish("1.0.0"))).Succeeded();
        (await bench.RunAsync(product.Publish("1.1.0", "stable", "--hold"))).Succeeded();
        var environment = Environment(
            ("OTA_SERVER", bench.Server.Grpc.ToString()), ("OTA_TOKEN", $"@{bench.TokenFile}"),
            ("OTA_PRODUCT", product.Name), ("OTA_CHANNEL", "stable"), ("OTA_PLATFORM", "linux-x64"),
            ("OTA_KEYS", product.Keys));
        async Task<JsonElement> AnswerAsync(params string[] arguments) =>
            (await AdminProcess.RunInAsync(environment, [.. arguments, "--json"])).Succeeded().Json;

        Assert.Equal("stable", (await AnswerAsync("channels", "renew")).GetProperty("channel").GetString());
        Assert.Equal(
            "stable", (await AnswerAsync("channels", "--log-level", "info", "renew", "stable", "--pointer-life", "20d"))
                .GetProperty("channel").GetString());
        Assert.Equal("1.1.0", (await AnswerAsync("promote", "1.1.0")).GetProperty("version").GetString());
        Assert.Equal(
            product.Name, (await AnswerAsync("forecast", "1.1.0", "--from", "1.0.0=1")).GetProperty("product")
                .GetString());
        Assert.Equal("1.0.0", (await AnswerAsync("explain", "1.0.0", "1.1.0")).GetProperty("from").GetString());
        Assert.Equal(product.Name, (await AnswerAsync("show", "1.1.0")).GetProperty("release")
            .GetProperty("product").GetString());
        Assert.Equal(2, (await AnswerAsync("releases")).GetProperty("releases").GetArrayLength());
        Assert.Single((await AnswerAsync("channels")).GetProperty("channels").EnumerateArray());
        await AnswerAsync("deltas");
        await AnswerAsync("products", "root", "--root", product.Root);
        await AnswerAsync("tokens", "create", "--role", "install");
        await AnswerAsync("tokens", "create", "--role", "admin");

        var other = await AdminProcess.RunInAsync(environment, "promote", "unknown", "1.1.0");
        Assert.Contains("unknown", other.Error, StringComparison.Ordinal);
        var unnamed = await AdminProcess.RunInAsync(environment, "channels", "delete");
        unnamed.Refused("USAGE", 2);
        Assert.Contains("missing: CHANNEL", unnamed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_goes_to_a_file_that_its_owner_alone_can_read()
    {
        var file = _config["reader.token"];

        var run = await bench.RunAsync("tokens", "create", "--role", "reader", "--out", file);

        run.Succeeded();
        var token = (await File.ReadAllTextAsync(file)).Trim();
        Assert.True(AccessToken.TryParse(token, out _));
        Assert.DoesNotContain(token, run.Out + run.Error, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task No_token_is_made_where_its_file_cannot_be()
    {
        var before = await TokensAsync();

        var run = await bench.RunAsync("tokens", "create", "--role", "reader", "--out", _config["no/such/folder"]);

        Assert.Equal(9, run.ExitCode);
        Assert.Equal(before.Count, (await TokensAsync()).Count);
    }

    [Fact]
    public async Task A_token_that_standard_output_loses_is_revoked()
    {
        var run = await AdminProcess.RunRedirectedAsync(
            ">/dev/full", "tokens", "create", "--role", "reader", "--label", "lost", "--server",
            bench.Server.Grpc.ToString(), "--token", $"@{bench.TokenFile}");

        Assert.Equal(9, run.ExitCode);
        Assert.StartsWith("error IO_ERROR: the token could not be written: it was revoked", run.Error,
            StringComparison.Ordinal);
        var lost = Assert.Single(
            await TokensAsync(), token => token.TryGetProperty("label", out var label) && label.GetString() == "lost");
        Assert.True(lost.GetProperty("is_revoked").GetBoolean());
    }

    private async Task<List<JsonElement>> TokensAsync() =>
        [.. (await bench.AnswerAsync("tokens", "list")).GetProperty("tokens").EnumerateArray()];

    private Task<ProgramRun> LoginAsync(string token, params string[] more) => AdminProcess.RunInAsync(
        Environment(("OTA_TOKEN", token)), ["login", bench.Server.Grpc.ToString(), .. more]);

    private Task<ProgramRun> RunAsync(params string[] arguments) =>
        AdminProcess.RunInAsync(Environment(), arguments);

    private Dictionary<string, string> Environment(params (string Name, string Value)[] given)
    {
        var environment = given.ToDictionary(pair => pair.Name, pair => pair.Value);
        environment["XDG_CONFIG_HOME"] = _config.Path;
        return environment;
    }
}
