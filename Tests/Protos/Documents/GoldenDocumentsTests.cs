using System.Text;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;
using static ChunkOta.Tests.Protos.Documents.SampleDocuments;

namespace ChunkOta.Tests.Protos.Documents;

/// <summary>
/// Documents as the first version wrote them: every later one must read them, and sign the same bytes.
/// </summary>
public sealed class GoldenDocumentsTests
{
    public static TheoryData<string> Documents => ["root.json", "manifest.json", "pointer.json"];

    [Theory]
    [MemberData(nameof(Documents))]
    public void The_same_document_and_keys_give_the_same_bytes(string name) =>
        Golden.Equal(name, Encoding.UTF8.GetBytes(SignedDocument.ToJson(Make(name))));

    [Fact]
    public void Documents_of_the_first_version_are_verified_and_say_the_same()
    {
        var root = VerifiedRoot.SelfSigned(Read("root.json"));
        var manifest = VerifiedManifest.Verify(Read("manifest.json"), root);
        var pointer = VerifiedPointer.Verify(Read("pointer.json"), root);

        Assert.Equal(Root(), root.Value);
        Assert.Equal(Manifest(), manifest.Value);
        Assert.Equal(Pointer(), pointer.Value);
        Assert.Equal(manifest.Digest, pointer.Value.Current.ManifestDigest.ToDigest());
        Assert.Equal((ulong)manifest.PayloadBytes, pointer.Value.Current.ManifestBytes);
        pointer.CheckAllows(manifest);
    }

    private static Envelope Make(string name) => name switch
    {
        "root.json" => Sign(Root(), RootKey),
        "manifest.json" => Sign(Manifest(), ReleaseKey),
        _ => Sign(Pointer(), ChannelKey),
    };

    private static Envelope Read(string name) => SignedDocument.FromJson(Golden.Read(name));
}
