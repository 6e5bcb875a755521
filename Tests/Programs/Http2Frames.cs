namespace ChunkOta.Tests.Support;

/// <summary>Parses the frames that a client sends on one HTTP/2 connection (RFC 9113, 4.1).</summary>
internal sealed class Http2Frames
{
    private const int HeaderBytes = 9;
    private const int HeadersFrame = 1;

    private readonly byte[] _header = new byte[HeaderBytes];
    private int _filled;

    // The connection begins with a preface of 24 bytes that is not a frame.
    private int _skip = 24;

    /// <summary>Parses the next bytes.</summary>
    /// <returns>The number of streams that they open: one for each call.</returns>
    public int CountHeaders(ReadOnlySpan<byte> bytes)
    {
        var headers = 0;
        while (!bytes.IsEmpty)
        {
            var skipped = Math.Min(_skip, bytes.Length);
            _skip -= skipped;
            bytes = bytes[skipped..];
            var taken = Math.Min(HeaderBytes - _filled, bytes.Length);
            bytes[..taken].CopyTo(_header.AsSpan(_filled));
            _filled += taken;
            bytes = bytes[taken..];
            if (_filled < HeaderBytes)
                continue;
            headers += _header[3] == HeadersFrame ? 1 : 0;
            _skip = (_header[0] << 16) | (_header[1] << 8) | _header[2];
            _filled = 0;
        }
        return headers;
    }
}
