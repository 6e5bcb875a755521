using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Tests.Protos.Documents;

public sealed class ManifestEntriesTests
{
    [Fact]
    public void Entries_read_where_they_stand_are_those_of_the_message()
    {
        var manifest = SampleDocuments.Manifest();

        var (head, entries) = ManifestEntries.Read(manifest.ToByteArray(), ManifestLimits.Default);

        Assert.Equal(manifest.Entries, entries);
        Assert.Equal(manifest.Entries[^1], entries[entries.Count - 1]);
        manifest.Entries.Clear();
        Assert.Equal(manifest, head);
    }

    // The signature covers bytes: who reads them in another way than the publisher's tools would be led astray by it.
    [Theory]
    [InlineData("fields that nobody knows", new byte[] { 0xFA, 0x3F, 2, 1, 2 })]
    [InlineData("another version after the first",
        new byte[] { (Manifest.VersionFieldNumber << 3) | 2, 1, (byte)'x' })]
    [InlineData("an empty entry at the end", new byte[] { EntryTag, 0 })]
    [InlineData("an entry whose length is longer than it need be",
        new byte[] { EntryTag, 0x83, 0x80, 0x00, 0x0A, 1, (byte)'p' })]
    [InlineData("an entry whose path comes twice", new byte[] { EntryTag, 6, 0x0A, 1, (byte)'p', 0x0A, 1, (byte)'q' })]
    public void Odd_encodings_are_read_as_the_message_is(string what, byte[] appended)
    {
        byte[] payload = [.. SampleDocuments.Manifest().ToByteArray(), .. appended];
        var whole = Manifest.Parser.ParseFrom(payload);

        var (head, entries) = ManifestEntries.Read(payload, ManifestLimits.Default);

        Assert.True(whole.Entries.SequenceEqual(entries), what);
        whole.Entries.Clear();
        Assert.Equal(whole, head);
    }

    [Theory]
    [InlineData("entries that are a number", new byte[] { (Manifest.EntriesFieldNumber << 3) | 0, 1 })]
    [InlineData("entries of four bytes", new byte[] { (Manifest.EntriesFieldNumber << 3) | 5, 1, 2, 3, 4 })]
    [InlineData("a cut that is a number", new byte[] { (Manifest.CutFieldNumber << 3) | 0, 1 })]
    [InlineData("a second cut", new byte[] { (Manifest.CutFieldNumber << 3) | 2, 0 })]
    [InlineData("a product that is a number", new byte[] { (Manifest.ProductFieldNumber << 3) | 0, 1 })]
    [InlineData("a second product", new byte[] { (Manifest.ProductFieldNumber << 3) | 2, 1, (byte)'x' })]
    [InlineData("the same product again",
        new byte[] { (Manifest.ProductFieldNumber << 3) | 2, 4, (byte)'d', (byte)'e', (byte)'m', (byte)'o' })]
    public void What_readers_could_take_in_different_ways_is_refused(string what, byte[] appended)
    {
        byte[] payload = [.. SampleDocuments.Manifest().ToByteArray(), .. appended];

        var refusal = Assert.Throws<ManifestInvalidException>(
            () => ManifestEntries.Read(payload, ManifestLimits.Default));

        Assert.True(refusal.Code == "MANIFEST_INVALID", what);
    }

    [Fact]
    public void No_beginning_of_a_manifest_is_read_as_more_than_the_message_is()
    {
        var payload = SampleDocuments.Manifest().ToByteArray();
        for (var length = 0; length < payload.Length; length++)
        {
            var part = payload.AsMemory(0, length);
            var whole = ParseOrNull(() => Manifest.Parser.ParseFrom(part.Span).Entries.ToList());

            var entries = ParseOrNull(() => ManifestEntries.Read(part, ManifestLimits.Default).Entries.ToList());

            Assert.Equal(whole, entries);
        }
    }

    [Fact]
    public void Too_many_entries_are_refused_before_there_is_room_for_them()
    {
        var payload = Enumerable.Repeat(new byte[] { EntryTag, 0 }, 11).SelectMany(entry => entry).ToArray();

        var refusal = Assert.Throws<ManifestInvalidException>(
            () => ManifestEntries.Read(payload, ManifestLimits.Default with { MaxEntries = 10 }));

        Assert.Equal("PATH_MANY", refusal.Code);
    }

    private const byte EntryTag = (Manifest.EntriesFieldNumber << 3) | (int)WireFormat.WireType.LengthDelimited;

    private static List<Entry>? ParseOrNull(Func<List<Entry>> parse)
    {
        try
        {
            return parse();
        }
        catch (Exception refused) when (refused is InvalidProtocolBufferException or ManifestInvalidException)
        {
            return null;
        }
    }
}
