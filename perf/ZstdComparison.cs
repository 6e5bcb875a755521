extern alias other;

using System.Runtime.InteropServices;
using System.Text.Json;
using ChunkOta.Chunking;
using Other = other::ChunkOta.Chunking;

namespace ChunkOta.Perf;

/// <summary>
/// CPU time of libzstd and of managed zstd on the same pieces of a file, 64 KiB each: the content of a chunk frame.
/// </summary>
/// <remarks>
/// Both run in turn in one process; the fastest of many rounds counts, because other work on the machine only slows a
/// round down. The time is CPU time of this thread.
/// </remarks>
internal static partial class ZstdComparison
{
    private const int Rounds = 40;
    private const int PieceBytes = 64 << 10;
    private const int Pieces = 64;

    public static void Run(string path)
    {
        using var output = Console.OpenStandardOutput();
        using var json = new Utf8JsonWriter(output);
        var file = File.ReadAllBytes(path).Chunk(PieceBytes).ToArray();
        // A short file is repeated, so that the runtime has compiled all code before the fastest round.
        var pieces = Enumerable.Range(0, Pieces).Select(index => file[index % file.Length]).ToArray();
        json.WriteStartArray();
        foreach (var level in new[] { 3, 9 })
            Compare(json, pieces, level);
        json.WriteEndArray();
    }

    private static void Compare(Utf8JsonWriter json, byte[][] pieces, int level)
    {
        using var encoder = new ZstdEncoder(level);
        using var otherEncoder = new Other.ZstdEncoder(level);
        using var decoder = new ZstdDecoder();
        using var otherDecoder = new Other.ZstdDecoder();
        var buffer = new byte[ZstdEncoder.MaxEncodedLength(PieceBytes)];
        var frames = pieces.Select(piece => buffer[..encoder.Encode(piece, buffer)]).ToArray();
        var otherFrames = pieces.Select(piece => buffer[..otherEncoder.Encode(piece, buffer)]).ToArray();

        var encoding = Least(
            pieces,
            (_, piece) => encoder.Encode(piece, buffer),
            (_, piece) => otherEncoder.Encode(piece, buffer));
        var decoding = Least(
            pieces,
            (index, piece) => decoder.Decode(frames[index], buffer.AsSpan(0, piece.Length)),
            (index, piece) => otherDecoder.Decode(frames[index], buffer.AsSpan(0, piece.Length)));

        json.WriteStartObject();
        json.WriteNumber("level", level);
        json.WriteNumber("plain_bytes", pieces.Sum(piece => piece.Length));
        Write(ZstdDecoder.Implementation, frames, encoding.First, decoding.First);
        Write(Other.ZstdDecoder.Implementation, otherFrames, encoding.Second, decoding.Second);
        json.WriteEndObject();

        void Write(string implementation, byte[][] made, TimeSpan encoding, TimeSpan decoding)
        {
            json.WriteStartObject(implementation);
            json.WriteNumber("frame_bytes", made.Sum(frame => frame.Length));
            json.WriteNumber("encode_milliseconds", encoding.TotalMilliseconds);
            json.WriteNumber("decode_milliseconds", decoding.TotalMilliseconds);
            json.WriteEndObject();
        }
    }

    private static (TimeSpan First, TimeSpan Second) Least(
        byte[][] pieces, Action<int, byte[]> first, Action<int, byte[]> second)
    {
        var least = (First: TimeSpan.MaxValue, Second: TimeSpan.MaxValue);
        for (var round = 0; round < Rounds; round++)
        {
            var (a, b) = (Time(pieces, first), Time(pieces, second));
            least = (a < least.First ? a : least.First, b < least.Second ? b : least.Second);
        }

        return least;
    }

    private static TimeSpan Time(byte[][] pieces, Action<int, byte[]> action)
    {
        var before = ThreadTime();
        for (var index = 0; index < pieces.Length; index++)
            action(index, pieces[index]);
        return ThreadTime() - before;
    }

    private static TimeSpan ThreadTime()
    {
        const int ThreadCpuTime = 3;
        if (GetTime(ThreadCpuTime, out var time) != 0)
            throw new InvalidOperationException("the system does not tell a thread's CPU time");
        return TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Timespec time);

    private readonly record struct Timespec(long Seconds, long Nanoseconds);
}
