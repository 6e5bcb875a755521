using ChunkOta.Chunking;
using ChunkOta.Storage;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Store.Packs;

public sealed class PackTests
{
    [Fact]
    public void A_pack_looks_as_it_always_has()
    {
        using var writer = Example();

        Golden.Equal("pack-v1.pack", writer.Seal().Bytes.Span);
    }

    [Fact]
    public void The_worked_example_of_the_format_is_this_pack()
    {
        var bytes = FormatDoc.Example("Pack");

        var contents = PackReader.Read(bytes);

        Assert.Equal(Golden.Read("pack-v1.pack"), bytes);
        Assert.Equal(Digest.Of(bytes), contents.Digest);
        Assert.Equal(
            [Digest.Of("one"u8), Digest.Of("two"u8), Digest.Of("three"u8)],
            contents.Frames.SelectMany(frame => frame.Chunks).Select(chunk => chunk.Hash));
    }

    [Fact]
    public void The_worked_example_of_a_frame_decodes_to_its_chunks()
    {
        using var decoder = new ZstdDecoder();
        using var frame = ChunkFrame.Decode(FormatDoc.Example("Frame"), decoder);

        var chunks = frame.Verify([new ChunkRef(Digest.Of("one"u8), 3), new ChunkRef(Digest.Of("two"u8), 3)]);

        Assert.Equal("two"u8, chunks[1].Plain.Span);
    }

    [Fact]
    public async Task A_stored_pack_is_read_from_its_ends_and_its_frames_decode()
    {
        using var writer = Example();
        var pack = writer.Seal();
        var store = new MemoryObjectStore();
        await store.PutAsync(pack.Name, pack.Bytes);

        var contents = await PackReader.ReadContentsAsync(store, pack.Contents.Digest);

        Assert.Equivalent(pack.Contents, contents, strict: true);
        Assert.Equal(pack.Bytes.Length, contents.StoredBytes);
        using var decoder = new ZstdDecoder();
        foreach (var frame in contents.Frames)
        {
            var bytes = new byte[frame.StoredBytes];
            await PackReader.ReadFrameAsync(
                store, new FrameLocation(contents.Digest, frame.Offset, frame.StoredBytes, frame.PlainBytes), bytes);
            using var decoded = ChunkFrame.Decode(bytes, decoder);
            Assert.Equal(frame.Chunks.Count, decoded.Verify(frame.Chunks).Count);
        }
    }

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        var whole = Golden.Read("pack-v1.pack");
        var name = Digest.Of(whole);
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var damaged = whole.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));

            // A bit of a frame is not the trailer's to notice: the name is, and so is each chunk's hash.
            Assert.True(Fails(damaged) || PackReader.Read(damaged).Digest != name);
            if (bit / 8 is < 4 or >= 35)
                Assert.True(Fails(damaged), $"bit {bit}");
        }
    }

    [Fact]
    public void Every_torn_or_lengthened_pack_is_refused()
    {
        var whole = Golden.Read("pack-v1.pack");

        for (var length = 0; length < whole.Length; length++) Assert.True(Fails(whole[..length]), $"length {length}");
        Assert.True(Fails([.. whole, 0]));
        Assert.True(Fails(new byte[whole.Length]));
    }

    [Fact]
    public void A_trailer_that_lies_is_refused_though_its_digest_is_right()
    {
        var whole = Golden.Read("pack-v1.pack");
        const int trailer = 35;
        // Frame count; first frame's offset, stored, plain and count; first chunk's length; second frame's offset.
        foreach (var field in new[] { 0, 4, 8, 12, 16, 20 + 32, 4 + 16 + 72 })
        {
            foreach (var value in new uint[] { 0, 1, 7, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff })
            {
                var lie = whole.ToArray();
                if (BitConverter.ToUInt32(lie, trailer + field) == value)
                    continue;
                BitConverter.TryWriteBytes(lie.AsSpan(trailer + field), value);
                Digest.Of(lie.AsSpan(trailer..^44)).CopyTo(lie.AsSpan(lie.Length - 44));

                Assert.True(Fails(lie), $"field {field} = {value}");
            }
        }
    }

    [Fact]
    public async Task A_pack_of_another_format_version_is_refused_by_name()
    {
        var whole = Golden.Read("pack-v1.pack");
        whole[^8] = 3;
        var store = new MemoryObjectStore();
        await store.PutAsync(ObjectName.Pack(Digest.Of(whole)), whole);

        var refusal = await Assert.ThrowsAsync<PackInvalidException>(
            async () => await PackReader.ReadContentsAsync(store, Digest.Of(whole)));

        Assert.Contains("format 3", refusal.OperatorDetail, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ObjectMissingException>(
            async () => await PackReader.ReadContentsAsync(store, Digest.Of("none"u8)));
    }

    [Fact]
    public void A_pack_is_full_at_its_aim_and_never_beyond_its_cap()
    {
        using var writer = new PackWriter();
        var frame = new byte[ChunkFrame.MaxStoredBytes];
        VerifiedChunk[] chunks = [VerifiedChunk.Of(new byte[ChunkFrame.MaxPlainBytes])];
        while (!writer.IsFull) writer.Add(frame, chunks);

        Assert.InRange(writer.SealedBytes, PackWriter.AimBytes, PackWriter.AimBytes + frame.Length);
        while (writer.Fits(frame.Length, 1)) writer.Add(frame, chunks);
        Assert.InRange(writer.SealedBytes, PackWriter.MaxBytes - frame.Length - 100, PackWriter.MaxBytes);
        Assert.Throws<InvalidOperationException>(() => writer.Add(frame, chunks));
        var pack = writer.Seal();
        Assert.Equal(writer.SealedBytes, pack.Bytes.Length);
        Assert.Equal(pack.Contents.Digest, Digest.Of(pack.Bytes.Span));
    }

    [Fact]
    public void The_frame_with_the_most_chunks_fits_into_an_empty_pack()
    {
        using var writer = new PackWriter();

        Assert.True(writer.Fits(ChunkFrame.MaxStoredBytes, ChunkFrame.MaxPlainBytes));
    }

    [Fact]
    public void A_writer_makes_one_pack_after_another_in_the_same_buffer()
    {
        using var writer = Example();
        var first = writer.Seal().Contents.Digest;
        Assert.Throws<InvalidOperationException>(() => new PackWriter().Seal());

        writer.Reset();
        Assert.True(writer.IsEmpty);
        Fill(writer);

        Assert.Equal(first, writer.Seal().Contents.Digest);
    }

    [Fact]
    public void A_chunk_that_was_not_hashed_is_refused()
    {
        using var writer = new PackWriter();

        Assert.Throws<InvalidOperationException>(() => writer.Add(new byte[10], new VerifiedChunk[1]));
    }

    [Fact]
    public async Task A_pack_of_an_isolated_product_names_its_domain_and_is_another_object()
    {
        var domain = TestDomain.Of("app");
        using var writer = new PackWriter();
        writer.Reset(domain);
        Fill(writer);
        var expected = writer.SealedBytes;

        var pack = writer.Seal();

        Golden.Equal("pack-v2.pack", pack.Bytes.Span);
        Assert.Equal(expected, pack.Bytes.Length);
        Assert.NotEqual(Example().Seal().Name, pack.Name);
        var store = new MemoryObjectStore();
        await store.PutAsync(pack.Name, pack.Bytes);
        var contents = await PackReader.ReadContentsAsync(store, pack.Contents.Digest);
        Assert.Equivalent(pack.Contents, contents, strict: true);
        Assert.Equal(domain, contents.Domain);
        Assert.Equal(
            [Digest.Of("one"u8), Digest.Of("two"u8), Digest.Of("three"u8)],
            contents.Frames.SelectMany(frame => frame.Chunks).Select(chunk => domain.DigestOf(chunk.Hash)));
        writer.Reset(DedupDomain.Shared);
        Fill(writer);
        Assert.Equal(Golden.Read("pack-v1.pack"), writer.Seal().Bytes.ToArray());
    }

    [Fact]
    public void A_pack_whose_versions_differ_or_whose_domain_is_missing_is_refused()
    {
        var whole = Golden.Read("pack-v2.pack");
        foreach (var at in new[] { 4, whole.Length - 8 })
        {
            var mixed = whole.ToArray();
            mixed[at] = 1;
            Assert.True(Fails(mixed), $"version 1 at {at}");
        }

        const int trailer = 35;
        whole.AsSpan(trailer, Digest.Size).Clear();
        Digest.Of(whole.AsSpan(trailer..^44)).CopyTo(whole.AsSpan(whole.Length - 44));
        Assert.True(Fails(whole));
    }

    private static bool Fails(byte[] pack)
    {
        try
        {
            _ = PackReader.Read(pack);
            return false;
        }
        catch (PackInvalidException)
        {
            return true;
        }
    }

    private static PackWriter Example()
    {
        var writer = new PackWriter();
        Fill(writer);
        return writer;
    }

    private static void Fill(PackWriter writer)
    {
        Add(writer, "one", "two");
        Add(writer, "three");
    }

    /// <summary>A raw frame: nothing this short gets smaller.</summary>
    private static void Add(PackWriter writer, params string[] chunks)
    {
        using var encoder = new ZstdEncoder(3);
        var frame = new byte[100];
        var plain = System.Text.Encoding.ASCII.GetBytes(string.Concat(chunks));
        var length = ChunkFrame.Encode(plain, frame, encoder);
        writer.Add(
            frame.AsSpan(0, length),
            [.. chunks.Select(chunk => VerifiedChunk.Of(System.Text.Encoding.ASCII.GetBytes(chunk)))]);
    }
}
