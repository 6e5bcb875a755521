using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Storage;
using ChunkOta.Tests.Server.Calls;
using ChunkOta.Tests.Store.Scrubbing;
using Google.Protobuf;

namespace ChunkOta.Tests.Store.Reading;

/// <summary>What is read of a release is of its own product's domain.</summary>
public sealed class ReleaseReaderTests
{
    [Fact]
    public void The_product_of_a_manifest_is_the_one_that_a_parser_reads()
    {
        byte[] payload =
            [.. new Manifest { Product = "first" }.ToByteArray(), .. new Manifest { Product = "last" }.ToByteArray()];

        Assert.Equal(
            Manifest.Parser.ParseFrom(payload).Product, ReleaseListing.ReadProduct(ByteString.CopyFrom(payload)));
    }

    [Fact]
    public async Task A_manifest_of_an_unknown_product_is_not_read_in_the_shared_domain()
    {
        await using var bench = await StoreBench.CreateAsync();
        var payload = new Manifest { Product = "unknown", Cut = CutParameters.Default.ToDocument() }.ToByteString();

        var refusal = await Assert.ThrowsAsync<ChunkOtaException>(
            async () => await bench.Store.Reading.Releases.ReadListingAsync(payload, default));

        Assert.Equal(ErrorCodes.ProductUnknown, refusal.Code);
    }

    [Fact]
    public async Task A_recipe_that_was_read_in_one_domain_is_verified_again_in_another()
    {
        await using var bench = await StoreBench.CreateAsync(isIsolated: true);
        await bench.PublishAsync("1.0.0", Tree.Of(("a", 1, 600_000)));
        var release = await bench.Catalogue.Releases.FindReleaseAsync("tool", "any", "1.0.0");
        var reader = bench.Store.Reading.Releases;
        var listing = await reader.GetListingAsync(release!.Manifest, default);
        var file = Assert.Single(listing.Files);
        await reader.GetRecipeAsync(file, listing.Cut, default);
        var sameName = file with { Domain = DedupDomain.Shared, Recipe = file.Domain.NameOf(file.Recipe!.Value) };

        await Assert.ThrowsAsync<ObjectDamagedException>(
            async () => await reader.GetRecipeAsync(sameName, listing.Cut, default));
    }
}
