using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using Google.Protobuf;
using static ChunkOta.Tests.Protos.Documents.SampleDocuments;

namespace ChunkOta.Tests.Protos.Documents;

public sealed class ManifestOutlineTests
{
    private static readonly ManifestLimits Limits = ManifestLimits.Default;

    [Fact]
    public void An_outline_lacks_the_digests_of_new_contents_and_no_byte_else()
    {
        var (old, changed) = Two();

        var (outline, savedBytes) = ManifestOutline.Make(changed.ToByteArray(), old.ToByteArray(), Limits);

        Assert.Equal(2 * Digest.Size, savedBytes);
        var blank = ChunkOta.Protos.V1.Manifest.Parser.ParseFrom(outline);
        Assert.Equal(new byte[Digest.Size], blank.Entries[^2].Digest.ToByteArray());
        Assert.Equal(new byte[Digest.Size], blank.Entries[^2].Recipe.ToByteArray());
        Assert.Equal([.. new byte[31], (byte)(changed.Entries.Count - 1)], blank.Entries[^1].Digest.ToByteArray());
        foreach (var i in new[] { changed.Entries.Count - 2, changed.Entries.Count - 1 })
            (blank.Entries[i].Digest, blank.Entries[i].Recipe) = (changed.Entries[i].Digest, changed.Entries[i].Recipe);
        Assert.Equal(changed, blank);
    }

    [Fact]
    public void A_filled_outline_is_the_manifest_byte_for_byte()
    {
        var (old, changed) = Two();
        var payload = changed.ToByteArray();
        var outline = ManifestOutline.Read(ManifestOutline.Make(payload, old.ToByteArray(), Limits).Outline, Limits);
        var made = changed.Entries.Count - 2;
        Assert.True(outline.IsBlank(made));
        Assert.Equal((-1, made), (outline.FirstOf(made), outline.FirstOf(made + 1)));
        Assert.Null(outline.Payload);

        outline.Fill(made, changed.Entries[made].Digest.ToDigest(), changed.Entries[made].Recipe.ToDigest());

        Assert.Equal(payload, outline.Payload!.Value.ToArray());
        Assert.False(outline.IsBlank(made));
        Assert.Throws<InvalidOperationException>(() => outline.Fill(made, Digest.Of("x"u8), Digest.Of("y"u8)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    public void An_entry_is_like_none_but_one_that_is_made_before_it(byte number)
    {
        var (old, changed) = Two();
        var (outline, _) = ManifestOutline.Make(changed.ToByteArray(), old.ToByteArray(), Limits);
        var like = outline.AsSpan().LastIndexOf((byte[])[.. new byte[31], (byte)(changed.Entries.Count - 1)]);
        outline[like + 31] = (byte)(number + 1);

        Assert.Equal("MANIFEST_INVALID", CodeOf(() => ManifestOutline.Read(outline, Limits)));
    }

    /// <summary>A release, and the next, in which the last file changes and has a copy.</summary>
    private static (Manifest Old, Manifest Changed) Two()
    {
        var old = Manifest();
        var changed = old.Clone();
        changed.Entries[^1].Digest = Digest.Of("other"u8).ToByteString();
        changed.Entries[^1].Recipe = Digest.Of("its recipe"u8).ToByteString();
        var copy = changed.Entries[^1].Clone();
        copy.Path = "z/copy";
        changed.Entries.Add(copy);
        return (old, changed);
    }
}
