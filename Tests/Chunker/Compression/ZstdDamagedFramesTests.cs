using ChunkOta.Chunking;
using ChunkOta.Tests.Chunker.Delta;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Chunker.Compression;

/// <summary>libzstd and its translation on frames that were damaged.</summary>
public sealed class ZstdDamagedFramesTests : IDisposable
{
    private const int Frames = 20_000;
    private const int MaxPlainBytes = 300_000;

    private readonly Random _random = new(Frames);
    private readonly ZstdSide _this;
    private readonly ZstdSide _other;
    private readonly Buffers _buffers = new();

    public ZstdDamagedFramesTests() => (_this, _other) = ZstdSide.Both();

    public void Dispose()
    {
        _this.Dispose();
        _other.Dispose();
        _buffers.Dispose();
    }

    /// <remarks>
    /// On a damaged frame zstd promises to stay within its buffers, not which answer it gives: versions of libzstd
    /// differ in a few frames of a thousand. So both may accept a frame and yet make different bytes of it.
    /// </remarks>
    [Fact]
    public void Of_20_000_neither_zstd_leaves_its_buffers_and_digests_find_every_wrong_result()
    {
        var samples = Samples();
        var (refused, wrong, disputed) = (0, 0, 0);
        for (var frame = 0; frame < Frames; frame++)
        {
            var sample = samples[_random.Next(samples.Count)];
            var damaged = Damage(sample.Frame, samples[_random.Next(samples.Count)].Frame);
            var isLow = _random.Next(2) == 0;
            foreach (var decode in new Decoding[] { _buffers.Decode, _buffers.Inflate })
            {
                var here = decode(_this, damaged, sample, isLow);
                var there = decode(_other, damaged, sample, isLow);
                if (here is null && there is null)
                    refused++;
                else if (here != there)
                    disputed++;
                else if (here != sample.Digest)
                    wrong++;
            }
        }

        // Enough of each to say that the decoders, and not only the checks before them, were tried.
        Assert.InRange(refused, Frames / 2, Frames * 2);
        Assert.InRange(wrong, Frames / 10, Frames);
        Assert.InRange(disputed, 0, Frames / 100);
    }

    /// <summary>The digest of the bytes that a frame expands to, or null when it is refused.</summary>
    private delegate Digest? Decoding(ZstdSide zstd, byte[] frame, Sample sample, bool isLow);

    /// <summary>
    /// Frames of both, of all contents and levels, from empty to three blocks; every third with a prefix.
    /// </summary>
    private List<Sample> Samples()
    {
        var samples = new List<Sample>();
        foreach (var level in new[] { 1, 3, 9, 19 })
        {
            foreach (var maxBytes in new[] { 100, 2000, 20_000, 70_000, MaxPlainBytes })
            {
                foreach (var zstd in new[] { _this, _other })
                {
                    var plain = SampleFiles.Make(_random, _random.Next(maxBytes));
                    var old = samples.Count % 3 == 0 ? SampleFiles.Change(_random, plain) : [];
                    samples.Add(new Sample(plain, Digest.Of(plain), old, zstd.Encode(plain, level, old)));
                }
            }
        }

        return samples;
    }

    /// <summary>Flips bits, cuts, overwrites, removes and inserts bytes, or takes bytes of another frame.</summary>
    private byte[] Damage(byte[] frame, byte[] another)
    {
        var damaged = frame.ToList();
        for (var count = _random.Next(1, 4); count > 0 && damaged.Count > 0; count--)
        {
            // A third of it where headers of the frame, its first block and its tables are.
            var at = _random.Next(_random.Next(3) == 0 ? Math.Min(damaged.Count, 60) : damaged.Count);
            var length = Math.Min(_random.Next(1, 20), damaged.Count - at);
            switch (_random.Next(16))
            {
                case 0:
                    damaged.RemoveRange(at, damaged.Count - at);
                    break;
                case 1:
                    damaged.RemoveRange(at, length);
                    break;
                case 2:
                    damaged.InsertRange(at, SampleFiles.Random(_random, length));
                    break;
                case 3:
                    damaged = [.. damaged[..at], .. another[_random.Next(another.Length)..]];
                    break;
                case 4 or 5:
                    for (var place = at; place < Math.Min(at + length, another.Length); place++)
                        damaged[place] = another[place];
                    break;
                case 6 or 7:
                    for (var place = at; place < at + length; place++)
                        damaged[place] = (byte)_random.Next(256);
                    break;
                default:
                    damaged[at] ^= (byte)(1 << _random.Next(8));
                    break;
            }
        }

        return [.. damaged];
    }

    private sealed record Sample(byte[] Plain, Digest Digest, byte[] Prefix, byte[] Frame);

    /// <summary>
    /// Buffers against pages that cannot be accessed, so that a read or a write past one ends the test run. On the
    /// other side of a destination are bytes that must stay as they are.
    /// </summary>
    private sealed class Buffers : IDisposable
    {
        private const int SlackBytes = 64;
        private const byte Untouched = 0xA5;

        private readonly GuardedMemory _sources = new(2 * MaxPlainBytes);
        private readonly GuardedMemory _prefixes = new(2 * MaxPlainBytes);
        private readonly GuardedMemory _destinations = new(MaxPlainBytes + SlackBytes);

        public Digest? Decode(ZstdSide zstd, byte[] frame, Sample sample, bool isLow)
        {
            var source = Place(_sources, frame, isLow);
            var prefix = Place(_prefixes, sample.Prefix, isLow);
            var destination = Clear(sample.Plain.Length, isLow, out var slack);

            var outcome = zstd.Decode(source, destination, prefix, ZstdEncoder.MaxPrefixWindowLog);

            return Judge(outcome, destination, slack, sample);
        }

        /// <summary>Expands the frame as one that arrives piece by piece and has no prefix.</summary>
        public Digest? Inflate(ZstdSide zstd, byte[] frame, Sample sample, bool isLow)
        {
            var destination = Clear(sample.Plain.Length, isLow, out var slack);

            var outcome = zstd.Inflate(frame, destination);

            return Judge(outcome, destination, slack, sample);
        }

        public void Dispose()
        {
            _sources.Dispose();
            _prefixes.Dispose();
            _destinations.Dispose();
        }

        private static Digest? Judge(
            ZstdOutcome outcome, ReadOnlySpan<byte> destination, ReadOnlySpan<byte> slack, Sample sample)
        {
            Assert.Equal(-1, slack.IndexOfAnyExcept(Untouched));
            if (outcome != ZstdOutcome.Accepted)
                return null;
            var digest = Digest.Of(destination);
            Assert.Equal(destination.SequenceEqual(sample.Plain), digest == sample.Digest);
            return digest;
        }

        private static ReadOnlySpan<byte> Place(GuardedMemory memory, byte[] bytes, bool isLow)
        {
            var place = isLow ? memory.First(bytes.Length) : memory.Last(bytes.Length);
            bytes.CopyTo(place);
            return place;
        }

        private Span<byte> Clear(int length, bool isLow, out ReadOnlySpan<byte> slack)
        {
            var whole = isLow ? _destinations.First(length + SlackBytes) : _destinations.Last(length + SlackBytes);
            whole.Fill(Untouched);
            slack = isLow ? whole[length..] : whole[..SlackBytes];
            return isLow ? whole[..length] : whole[SlackBytes..];
        }
    }
}
