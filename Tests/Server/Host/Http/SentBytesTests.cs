using ChunkOta.Chunking;
using ChunkOta.Server;
using ChunkOta.Server.Core;
using ChunkOta.Storage;
using Microsoft.AspNetCore.Http;

namespace ChunkOta.Tests.Server.Http;

public sealed class SentBytesTests
{
    private const int Taken = 200_000;

    [Fact]
    public async Task Of_an_answer_that_breaks_off_only_what_the_connection_took_counts_as_sent()
    {
        var gate = new SendingGate(new SendingLimits(1, 1, 0, 0, 0), TimeProvider.System);
        using var transfer = await gate.EnterAsync(new Caller(CallerRole.Admin, "test", null), default);
        var context = new DefaultHttpContext();
        context.Response.Body = new BreakingStream();
        var body = new ObjectBody(new Zeros(), context, transfer);

        await Assert.ThrowsAsync<IOException>(
            () => body.SendAsync(ObjectName.Delta(Digest.Of("delta"u8)), new ByteRange(0, 1_000_000)));

        Assert.InRange(body.SentBytes, 1, Taken);
    }

    /// <summary>Objects of any length, all of zeros.</summary>
    private sealed class Zeros : IObjectReader
    {
        public ValueTask ReadAsync(
            ObjectName name, long offset, Memory<byte> destination, CancellationToken cancellationToken = default)
        {
            destination.Span.Clear();
            return ValueTask.CompletedTask;
        }

        public ValueTask<long?> FindLengthAsync(ObjectName name, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<long?>(long.MaxValue);

        public IAsyncEnumerable<ObjectName> ListAsync(
            ObjectKind kind, CancellationToken cancellationToken = default) => AsyncEnumerable.Empty<ObjectName>();
    }

    /// <summary>A connection that breaks.</summary>
    private sealed class BreakingStream : MemoryStream
    {
        public override ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            Length + buffer.Length > Taken
                ? ValueTask.FromException(new IOException("reset"))
                : base.WriteAsync(buffer, cancellationToken);
    }
}
