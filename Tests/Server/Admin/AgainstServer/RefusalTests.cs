using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ChunkOta.Tests.Admin.AgainstServer;

/// <summary>
/// What must not happen: each gives one stable code, changes nothing, and the next honest run succeeds.
/// </summary>
public sealed class RefusalTests(AdminBench bench) : IClassFixture<AdminBench>
{
    [Fact]
    public async Task Another_publishers_keys_are_refused()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);
        await bench.AnswerAsync("keys", "init", "--out", bench.PathOf("foreign"));

        var command = product.Publish("1.0.0");
        command[^1] = bench.PathOf("foreign");

        Assert.Equal("ROOT_CHAIN", await bench.RefusalAsync(4, command));
        await bench.AnswerAsync(product.Publish("1.0.0"));
    }

    [Fact]
    public async Task A_product_cannot_be_given_another_root()
    {
        var product = await bench.CreateProductAsync();
        await bench.AnswerAsync("keys", "init", "--out", bench.PathOf("second"));

        Assert.Equal("PRODUCT_TAKEN", await bench.RefusalAsync(
            7, "products", "create", product.Name, "--root", bench.PathOf("second/root.json")));
        var again = await bench.AnswerAsync("products", "create", product.Name, "--root", product.Root);
        Assert.True(again.GetProperty("already_there").GetBoolean());
    }

    [Fact]
    public async Task Unknown_things_are_exit_code_6()
    {
        var product = await bench.CreateProductAsync();
        var elsewhere = product.Publish("1.0.0");
        elsewhere[3] = "nosuch";

        Assert.Equal("PRODUCT_UNKNOWN", await bench.RefusalAsync(6, elsewhere));
        Assert.Equal("VERSION_UNKNOWN", await bench.RefusalAsync(6, "show", product.Name, "9.9.9"));
        Assert.Equal("CHANNEL_UNKNOWN", await bench.RefusalAsync(
            6, "channels", "renew", product.Name, "stable", "--platform", "linux-x64", "--keys", product.Keys));
        Assert.Equal("TOKEN_UNKNOWN", await bench.RefusalAsync(6, "tokens", "revoke", "000000000000000000000000"));
    }

    [Theory]
    [InlineData("--version", "1.0", "VERSION_INVALID")]
    [InlineData("--version", "1.0.0+", "VERSION_INVALID")]
    [InlineData("--product", "No/Such", "NAME_INVALID")]
    [InlineData("--channel", "", "NAME_INVALID")]
    [InlineData("--platform", "../x", "NAME_INVALID")]
    public async Task A_name_or_version_that_is_none_is_exit_code_2(string option, string value, string code)
    {
        var product = await bench.CreateProductAsync();
        var command = product.Publish("1.0.0");
        command[Array.IndexOf(command, option) + 1] = value;

        Assert.Equal(code, await bench.RefusalAsync(2, command));
    }

    [Fact]
    public async Task A_token_does_what_its_role_says_and_nothing_once_it_is_revoked()
    {
        var product = await bench.CreateProductAsync();
        var other = await bench.CreateProductAsync();
        product.Write("file", 1_000);
        var created = await bench.AnswerAsync(
            "tokens", "create", "--role", "publisher", "--product", product.Name, "--expires", "1d");
        await File.WriteAllTextAsync(bench.PathOf("publisher"), created.GetProperty("token").GetString());
        string[] token = ["--token", $"@{bench.PathOf("publisher")}"];

        var own = await bench.RunWithoutTokenAsync([.. product.Publish("1.0.0"), .. token]);
        var foreign = await bench.RunWithoutTokenAsync([.. other.Publish("1.0.0"), .. token]);
        var administrative = await bench.RunWithoutTokenAsync(["tokens", "list", .. token]);
        await bench.AnswerAsync("tokens", "revoke", created.GetProperty("token_id").GetString()!);
        var revoked = await bench.RunWithoutTokenAsync([.. product.Publish("1.0.1"), .. token]);

        Assert.Equal(0, own.ExitCode);
        Assert.Equal((5, 5, 5), (foreign.ExitCode, administrative.ExitCode, revoked.ExitCode));
        Assert.Contains("error NOT_ALLOWED: ", foreign.Error, StringComparison.Ordinal);
        Assert.Contains("error TOKEN_INVALID: ", revoked.Error, StringComparison.Ordinal);
        await bench.AnswerAsync(product.Publish("1.0.1"));
    }

    [Fact]
    public async Task A_manifest_that_was_tampered_with_on_the_server_is_not_built_upon()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);
        var first = await bench.AnswerAsync(product.Publish("1.0.0"));
        var digest = first.GetProperty("manifest_digest").GetString()!;
        var stored = Directory.GetFiles(bench.Server.Data, digest, SearchOption.AllDirectories).Single();
        var honest = await File.ReadAllBytesAsync(stored);
        File.SetAttributes(stored, FileAttributes.Normal);
        byte[] changed = [.. honest];
        changed[^100] ^= 1;
        await File.WriteAllBytesAsync(stored, changed);

        var next = await bench.AnswerAsync(product.Publish("1.0.1"));
        await File.WriteAllBytesAsync(stored, honest);

        // The server does not send it; the counter comes from the channel's pointer.
        Assert.Equal(2, next.GetProperty("counter").GetInt32());
    }

    [Fact]
    public async Task A_server_of_its_own_certificate_is_believed_by_file_alone()
    {
        string[] list = ["products", "list", "--token", $"@{bench.TokenFile}"];

        var stranger = await bench.RunOnAsync(bench.Server.Tls, list);
        var known = await bench.RunOnAsync(
            bench.Server.Tls, [.. list, "--ca", Path.Combine(bench.Server.Data, "tls.crt")]);

        Assert.Equal((5, 0), (stranger.ExitCode, known.ExitCode));
        Assert.StartsWith("error TLS_REFUSED: ", stranger.Error, StringComparison.Ordinal);
        Assert.Contains("by --ca", stranger.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_certificate_is_named_with_the_file_that_does_not_vouch_for_it()
    {
        using var served = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(bench.Server.Data, "tls.crt"));
        var now = TimeProvider.System.GetUtcNow();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var other = new CertificateRequest("CN=another", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        var file = bench.PathOf("another.crt");
        await File.WriteAllTextAsync(file, other.ExportCertificatePem());

        var run = await bench.RunOnAsync(
            bench.Server.Tls, "products", "list", "--token", $"@{bench.TokenFile}", "--ca", file);

        run.Refused("TLS_REFUSED", 5);
        Assert.Contains($"'{file}' does not vouch for its certificate", run.Error, StringComparison.Ordinal);
        Assert.Contains(served.Subject, run.Error, StringComparison.Ordinal);
        Assert.Contains(
            Convert.ToHexStringLower(served.GetCertHash(HashAlgorithmName.SHA256)), run.Error,
            StringComparison.Ordinal);
    }
}
