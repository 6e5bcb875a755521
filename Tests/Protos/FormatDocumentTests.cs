using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Tests.Protos.Documents;
using ChunkOta.Tests.Support;
using static ChunkOta.Tests.Protos.Documents.SampleDocuments;

namespace ChunkOta.Tests.Protos;

/// <summary>The worked examples of docs/format.md are what the code reads and writes.</summary>
public sealed class FormatDocumentTests
{
    private static readonly string Page = System.IO.File.ReadAllText(Repository.PathOf("docs/format.md"));

    [Fact]
    public void Digests() => Assert.Equal(Digest.Of("abc"u8), Digest.FromBytes(FormatDoc.Example("Digests")));

    [Fact]
    public void Signed_document()
    {
        var envelope = Envelope.Parser.ParseFrom(FormatDoc.Example("Signed document"));

        Assert.Equal("hello", envelope.Payload.ToStringUtf8());
        SignedDocument.CheckSignatures(envelope, PayloadTypes.Pointer, TrustedRoot.Keys("channel"), null);
        Assert.Equal(SignedDocument.Sign(PayloadTypes.Pointer, "hello"u8, ChannelKey), envelope);
        Assert.Contains(
            $"`{System.Text.Encoding.ASCII.GetString(SignedDocument.SignedBytes(PayloadTypes.Pointer, "hello"u8))}`",
            Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Manifest_example()
    {
        var payload = FormatDoc.Example("Manifest");

        var manifest = ChunkOta.Protos.Manifest.Parser.ParseFrom(payload);

        Assert.Equal(SampleDocuments.Manifest(), manifest);
        Assert.Equal(SignedDocument.FromJson(Golden.Read("manifest.json")).Payload.ToByteArray(), payload);
        ManifestRules.Check(manifest, ManifestLimits.Default);
        Assert.Contains($"its digest is `{Digest.Of(payload).ToString()[..16]}…`", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Recipe_example()
    {
        var bytes = FormatDoc.Example("Recipe");
        var entry = SampleDocuments.Manifest().Entries[^1];

        var recipe = Recipe.Parse(bytes, entry.RecipeDigest()!.Value, entry.Size, CutParameters.Default);

        Assert.Equal([65_536, 65_536, 65_536, 65_536, 37_856], recipe.Chunks.Select(chunk => chunk.Length));
        Assert.Equal(bytes, recipe.ToBytes());
    }

    [Fact]
    public void Channel_pointer() => Assert.Equal(
        SignedDocument.FromJson(
            Golden.Read("pointer.json")).Payload.ToByteArray(), FormatDoc.Example("Channel pointer"));

    [Fact]
    public void Trust_root()
    {
        var payload = FormatDoc.Example("Trust root");

        Assert.Equal(SignedDocument.FromJson(Golden.Read("root.json")).Payload.ToByteArray(), payload);
        Assert.Contains($"its digest is `{Digest.Of(payload).ToString()[..16]}…`", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Paths_example()
    {
        var rows = Page[Page.IndexOf("## Paths\n", StringComparison.Ordinal)..Page.IndexOf(
            "## Install token\n", StringComparison.Ordinal)]
            .Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (Path: cells[1].Trim('`'), Verdict: cells[2].Trim('`')))
            .ToArray();

        Assert.Equal(10, rows.Length);
        Assert.All(rows, row => Assert.Equal(row.Verdict, VerdictOn(row.Path)));
    }

    [Fact]
    public void Install_token()
    {
        var bytes = FormatDoc.Example("Install token");

        var text = "co1_" + System.Buffers.Text.Base64Url.EncodeToString(bytes);
        var token = InstallToken.Parse(text);

        Assert.Contains($"`{text}`", Page, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, 12).Select(value => (byte)value), token.Id.ToArray());
        Assert.Equal(Enumerable.Range(100, 32).Select(value => (byte)value), token.Secret.ToArray());
        Assert.Equal(TrustedRoot.Digest, token.RootDigest);
        Assert.Equal(Enumerable.Range(200, 32).Select(value => (byte)value), token.SpkiSha256.ToArray());
        Assert.Equal(7UL, token.MinimumCounter);
    }

    [Fact]
    public void Device_call()
    {
        const string Method = "/chunkota.v1.Devices/Report";
        var key = SampleDocuments.KeyOf(0x28);
        byte[] nonce = [.. Enumerable.Range(0, 16).Select(value => (byte)value)];

        var value = DeviceCall.Sign(
            key, "device-1", Method, "ota.example:7443", DateTimeOffset.FromUnixTimeSeconds(1_790_000_000), nonce);
        var signed = DeviceCall.SignedBytes(DeviceCall.Parse(value), Method, "ota.example:7443");

        Assert.Contains($"`{value}`", Page, StringComparison.Ordinal);
        Assert.Contains($"`{System.Text.Encoding.UTF8.GetString(signed)}`", Page, StringComparison.Ordinal);
    }

    private static string VerdictOn(string path)
    {
        try
        {
            _ = ReleasePath.Parse(path);
            return Array.TrueForAll(path.Split('/'), name => PortableNames.FindProblem(name) is null)
                ? "fine"
                : "PATH_NOT_PORTABLE";
        }
        catch (ManifestInvalidException refusal)
        {
            return refusal.Code;
        }
    }
}
