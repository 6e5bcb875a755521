extern alias other;

using ChunkOta.Chunking;
using Other = other::ChunkOta.Chunking;
using OtherErrors = other::ChunkOta;
#if MANAGED_ZSTD
using OtherZstd = other::ChunkOta.Chunking.ZstdNative;
using ThisZstd = ChunkOta.Chunking.ZstdManaged;
#else
using OtherZstd = other::ChunkOta.Chunking.ZstdManaged;
using ThisZstd = ChunkOta.Chunking.ZstdNative;
#endif

namespace ChunkOta.Tests.Chunker.Compression;

/// <summary>A decoder's answer to a frame.</summary>
internal enum ZstdOutcome
{
    Accepted,
    Damaged,
    OverLimit,
}

/// <summary>The product's zstd classes over one implementation of zstd.</summary>
internal abstract class ZstdSide : IDisposable
{
    public abstract string Implementation { get; }

    public abstract byte[] Encode(byte[] plain, int level, byte[]? prefix = null);

    /// <summary>Encodes at level 3, if the destination is long enough.</summary>
    public abstract bool TryEncode(byte[] plain, Span<byte> destination);

    public abstract ZstdOutcome Decode(
        ReadOnlySpan<byte> frame, Span<byte> destination, ReadOnlySpan<byte> prefix = default,
        int maxWindowLog = ZstdDecoder.DefaultMaxWindowLog);

    public abstract byte[] Deflate(byte[] plain, int level);

    /// <summary>Expands a frame that arrives piece by piece.</summary>
    public abstract ZstdOutcome Inflate(byte[] frame, Span<byte> destination);

    /// <summary>The error code of zstd itself, past the checks of the product's classes; 0 for none.</summary>
    public abstract int StreamErrorCode(byte[] frame, int maxWindowLog);

    public abstract void Dispose();

    /// <summary>The chosen implementation of this build, then the other one.</summary>
    public static (ZstdSide This, ZstdSide Other) Both() => (new ThisSide(), new OtherSide());

    private sealed class ThisSide : ZstdSide
    {
        private readonly ZstdDecoder _decoder = new();

        public override string Implementation => ZstdDecoder.Implementation;

        public override byte[] Encode(byte[] plain, int level, byte[]? prefix = null)
        {
            using var encoder = new ZstdEncoder(level);
            var buffer = new byte[ZstdEncoder.MaxEncodedLength(plain.Length)];
            return buffer[..encoder.Encode(plain, buffer, prefix)];
        }

        public override bool TryEncode(byte[] plain, Span<byte> destination)
        {
            using var encoder = new ZstdEncoder(3);
            return encoder.TryEncode(plain, destination, out _);
        }

        public override ZstdOutcome Decode(
            ReadOnlySpan<byte> frame, Span<byte> destination, ReadOnlySpan<byte> prefix, int maxWindowLog)
        {
            try
            {
                _decoder.Decode(frame, destination, prefix, maxWindowLog);
                return ZstdOutcome.Accepted;
            }
            catch (FrameInvalidException)
            {
                return ZstdOutcome.Damaged;
            }
            catch (DecompressLimitException)
            {
                return ZstdOutcome.OverLimit;
            }
        }

        public override byte[] Deflate(byte[] plain, int level)
        {
            using var output = new MemoryStream();
            ZstdDeflater.Compress(new MemoryStream(plain), plain.Length, output, level, CancellationToken.None);
            return output.ToArray();
        }

        public override ZstdOutcome Inflate(byte[] frame, Span<byte> destination)
        {
            using var inflater = new ZstdInflater(new Source(frame), destination.Length);
            try
            {
                inflater.Read(destination);
                return ZstdOutcome.Accepted;
            }
            catch (FrameInvalidException)
            {
                return ZstdOutcome.Damaged;
            }
            catch (DecompressLimitException)
            {
                return ZstdOutcome.OverLimit;
            }
        }

        public override unsafe int StreamErrorCode(byte[] frame, int maxWindowLog)
        {
            var room = new byte[1 << 17];
            using var context = DecompressionContext.Create();
            ZstdErrors.ThrowIfError(ThisZstd.SetParameter(context, DecompressionParameter.MaxWindowLog, maxWindowLog));
            fixed (byte* from = frame, to = room)
            {
                var input = new StreamBuffer { Start = from, Size = (nuint)frame.Length };
                var output = new StreamBuffer { Start = to, Size = (nuint)room.Length };
                var result = ThisZstd.DecompressStream(context, &output, &input);
                return ThisZstd.IsError(result) ? ThisZstd.ErrorCode(result) : 0;
            }
        }

        public override void Dispose() => _decoder.Dispose();
    }

    private sealed class OtherSide : ZstdSide
    {
        private readonly Other.ZstdDecoder _decoder = new();

        public override string Implementation => Other.ZstdDecoder.Implementation;

        public override byte[] Encode(byte[] plain, int level, byte[]? prefix = null)
        {
            using var encoder = new Other.ZstdEncoder(level);
            var buffer = new byte[Other.ZstdEncoder.MaxEncodedLength(plain.Length)];
            return buffer[..encoder.Encode(plain, buffer, prefix)];
        }

        public override bool TryEncode(byte[] plain, Span<byte> destination)
        {
            using var encoder = new Other.ZstdEncoder(3);
            return encoder.TryEncode(plain, destination, out _);
        }

        public override ZstdOutcome Decode(
            ReadOnlySpan<byte> frame, Span<byte> destination, ReadOnlySpan<byte> prefix, int maxWindowLog)
        {
            try
            {
                _decoder.Decode(frame, destination, prefix, maxWindowLog);
                return ZstdOutcome.Accepted;
            }
            catch (OtherErrors.FrameInvalidException)
            {
                return ZstdOutcome.Damaged;
            }
            catch (OtherErrors.DecompressLimitException)
            {
                return ZstdOutcome.OverLimit;
            }
        }

        public override byte[] Deflate(byte[] plain, int level)
        {
            using var output = new MemoryStream();
            Other.ZstdDeflater.Compress(new MemoryStream(plain), plain.Length, output, level, CancellationToken.None);
            return output.ToArray();
        }

        public override ZstdOutcome Inflate(byte[] frame, Span<byte> destination)
        {
            using var inflater = new Other.ZstdInflater(new Source(frame), destination.Length);
            try
            {
                inflater.Read(destination);
                return ZstdOutcome.Accepted;
            }
            catch (OtherErrors.FrameInvalidException)
            {
                return ZstdOutcome.Damaged;
            }
            catch (OtherErrors.DecompressLimitException)
            {
                return ZstdOutcome.OverLimit;
            }
        }

        public override unsafe int StreamErrorCode(byte[] frame, int maxWindowLog)
        {
            var room = new byte[1 << 17];
            using var context = Other.DecompressionContext.Create();
            Other.ZstdErrors.ThrowIfError(
                OtherZstd.SetParameter(context, Other.DecompressionParameter.MaxWindowLog, maxWindowLog));
            fixed (byte* from = frame, to = room)
            {
                var input = new Other.StreamBuffer { Start = from, Size = (nuint)frame.Length };
                var output = new Other.StreamBuffer { Start = to, Size = (nuint)room.Length };
                var result = OtherZstd.DecompressStream(context, &output, &input);
                return OtherZstd.IsError(result) ? OtherZstd.ErrorCode(result) : 0;
            }
        }

        public override void Dispose() => _decoder.Dispose();
    }

    /// <summary>A frame, in pieces of a few bytes.</summary>
    private sealed class Source(byte[] frame) : IByteSource, Other.IByteSource
    {
        private const int PieceBytes = 1000;

        private int _next;

        public ReadOnlySpan<byte> Peek() => frame.AsSpan(_next, Math.Min(PieceBytes, frame.Length - _next));

        public void Advance(int count) => _next += count;
    }
}
