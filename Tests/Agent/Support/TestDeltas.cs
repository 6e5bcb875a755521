using System.Runtime.CompilerServices;
using ChunkOta.Agent;
using ChunkOta.Chunking;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.Support;

/// <summary>A server's deltas: made by the real encoder, and lost, cut short or changed as the test says.</summary>
internal sealed class TestDeltas
{
    private const int PieceBytes = 1000;

    private readonly Dictionary<Digest, byte[]> _objects = [];

    /// <summary>What chunks are said to cost.</summary>
    public ulong ChunkBytes { get; set; }

    /// <summary>What is encoded instead of a file: for deltas that make something else.</summary>
    public Func<string, byte[], byte[]> Encoded { get; set; } = (_, content) => content;

    /// <summary>Changes a delta on its way out.</summary>
    public Func<byte[], byte[]>? Tamper { get; set; }

    /// <summary>Called before each piece, with its offset; may throw.</summary>
    public Action<long>? BeforePiece { get; set; }

    /// <summary>So many pieces that hold nothing come before each piece.</summary>
    public int EmptyPieces { get; set; }

    /// <summary>The objects are offered, and gone when they are asked for.</summary>
    public bool IsLost { get; set; }

    public List<(Digest Delta, long Offset)> Calls { get; } = [];

    /// <summary>Bytes sent, in all calls.</summary>
    public long SentBytes { get; private set; }

    /// <summary>Length of the delta that was offered last.</summary>
    public long OfferedBytes { get; private set; }

    public void Offer(UpdateHeader header, TestRelease from, TestRelease to)
    {
        var delta = Make(from, to);
        var digest = Digest.Of(delta);
        _objects[digest] = delta;
        OfferedBytes = delta.Length;
        header.ChunkBytes = ChunkBytes;
        header.Deltas.Add(new DeltaOffer
        {
            Digest = digest.ToByteString(),
            Bytes = (ulong)delta.Length,
            Quality = ChunkOta.Protos.V1.DeltaQuality.Quick,
        });
    }

    /// <summary>Serves any bytes by their digest.</summary>
    public void Serve(byte[] content) => _objects[Digest.Of(content)] = content;

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> SendAsync(
        Digest digest, long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Calls.Add((digest, from));
        if (IsLost)
            throw new ChunkOtaException(ErrorCodes.DeltaUnknown, "no such delta");
        var delta = _objects[digest];
        delta = Tamper?.Invoke([.. delta]) ?? delta;
        for (var offset = (int)from; offset < delta.Length; offset += PieceBytes)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            BeforePiece?.Invoke(offset);
            for (var i = 0; i < EmptyPieces; i++)
                yield return ReadOnlyMemory<byte>.Empty;
            var piece = delta.AsMemory(offset, Math.Min(PieceBytes, delta.Length - offset));
            SentBytes += piece.Length;
            yield return piece;
        }
    }

    private byte[] Make(TestRelease from, TestRelease to)
    {
        var before = from.Manifest.Entries.ToList();
        using var encoder = new DeltaEncoder(
            from.Contents.Digest, to.Contents.Digest, Chunking.DeltaQuality.Quick, () => new MemoryStream());
        foreach (var entry in DeltaSelection.Covered(from.Contents, to.Contents))
        {
            var path = to.Manifest.Entries[entry].Path;
            var target = new MemoryReader(Encoded(path, to.Files[path]));
            if (from.Files.TryGetValue(path, out var basis))
                encoder.Add((uint)entry, target, (uint)before.FindIndex(e => e.Path == path), new MemoryReader(basis));
            else
                encoder.Add((uint)entry, target);
        }
        using var delta = new MemoryStream();
        encoder.Finish(delta);
        return delta.ToArray();
    }
}
