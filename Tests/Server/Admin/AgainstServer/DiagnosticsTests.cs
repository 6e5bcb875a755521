using ChunkOta.Protos;

namespace ChunkOta.Tests.Admin.AgainstServer;

public sealed class DiagnosticsTests(AdminBench bench) : IClassFixture<AdminBench>
{
    [Theory]
    [InlineData("-v")]
    [InlineData("--verbose")]
    [InlineData("--log-level=debug")]
    public async Task Each_call_is_said_with_its_address_outcome_and_time(string option)
    {
        var run = await bench.RunAsync("products", "list", option);

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(
            $@"(?m)^debug: {bench.Server.Grpc.ToString().TrimEnd('/')} chunkota\.v1\.Administration/ListProducts: OK "
            + @"in \d+\.\d ms$", run.Error);
    }

    [Fact]
    public async Task A_refused_call_is_said_with_its_code()
    {
        var run = await bench.RunAsync("show", "nothing", "1.0.0", "-v");

        Assert.NotEqual(0, run.ExitCode);
        Assert.Matches(@"debug: .*: (OK|[A-Z]+_[A-Z]+) in ", run.Error);
    }

    [Fact]
    public async Task Quiet_leaves_out_progress()
    {
        var product = await bench.CreateProductAsync();
        product.Write("file", 1_000);

        var run = await bench.RunAsync(product.Publish("1.0.0", "stable", "-q"));

        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains("published", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_was_typed_in_the_wrong_place_is_not_shown()
    {
        var token = AccessToken.Generate().ToString();

        var asProduct = await bench.RunAsync("releases", token);
        var asCommand = await bench.RunAsync("tokens", token);
        var asJson = await bench.RunAsync("deltas", token, "--json");

        foreach (var run in (Support.ProgramRun[])[asProduct, asCommand, asJson])
        {
            Assert.NotEqual(0, run.ExitCode);
            Assert.DoesNotContain(token[4..], run.Out + run.Error, StringComparison.Ordinal);
        }
    }
}
