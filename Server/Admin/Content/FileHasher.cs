using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using ChunkOta.Chunking;
using ChunkOta.Durable;

namespace ChunkOta.Admin;

/// <summary>Hashes whole files on all cores, through one buffer for each.</summary>
internal static class FileHasher
{
    // Two of these stay in a core's second-level cache between the read and the hash.
    private const int BufferBytes = 256 * 1024;

    /// <summary>The digest of every entry that is a file with content; the others' are zero.</summary>
    /// <param name="tree">Whose entries are hashed.</param>
    /// <param name="progress">Is told of the bytes hashed.</param>
    /// <returns>In the order of the entries.</returns>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c>: a file cannot be read, or changed meanwhile.</exception>
    public static async Task<Digest[]> HashAsync(
        SourceTree tree, IPublishProgress progress, CancellationToken cancellationToken)
    {
        var digests = new Digest[tree.Entries.Count];
        // The longest first: a long file begun last would keep one core busy while the others wait.
        var order = Enumerable.Range(0, digests.Length).Where(i => tree.Entries[i].Length > 0)
            .OrderByDescending(i => tree.Entries[i].Length).ToList();
        using var readers = new ThreadLocal<Reader>(() => new Reader(), trackAllValues: true);
        try
        {
            var options = new ParallelOptions
            {
                CancellationToken = cancellationToken,
                MaxDegreeOfParallelism = Environment.ProcessorCount,
            };
            await Task.Run(() => Parallel.ForEach(
                Partitioner.Create(order, EnumerablePartitionerOptions.NoBuffering), options,
                i => digests[i] = readers.Value!.Hash(
                    tree, tree.Entries[i], progress, cancellationToken)), cancellationToken);
        }
        catch (AggregateException e)
        {
            // One line for one file: which of several failed first does not matter.
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
            throw;
        }
        finally
        {
            foreach (var reader in readers.Values)
                reader.Dispose();
        }

        return digests;
    }

    private sealed class Reader : IDisposable
    {
        private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        private readonly Blake3Hasher _hasher = new();

        public Digest Hash(
            SourceTree tree, SourceEntry entry, IPublishProgress progress, CancellationToken cancellationToken)
        {
            using var file = tree.Open(entry);
            var digest = entry.Length <= BufferBytes
                ? HashWhole(file, entry, progress)
                : HashPieces(file, entry, progress, cancellationToken);
            SourceTree.CheckUnchanged(entry, file);
            return digest;
        }

        public void Dispose() => ArrayPool<byte>.Shared.Return(_buffer);

        private Digest HashWhole(DurableFile file, SourceEntry entry, IPublishProgress progress)
        {
            var content = _buffer.AsSpan(0, (int)entry.Length);
            if (file.ReadAt(0, content) != content.Length)
                throw SourceTree.Changed(entry);
            progress.Advance(content.Length);
            return Blake3.Hash(content);
        }

        private Digest HashPieces(
            DurableFile file, SourceEntry entry, IPublishProgress progress, CancellationToken cancellationToken)
        {
            _hasher.Reset();
            for (var offset = 0L; offset < entry.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var read = file.ReadAt(offset, _buffer.AsSpan(0, BufferBytes));
                if (read == 0)
                    throw SourceTree.Changed(entry);
                _hasher.Append(_buffer.AsSpan(0, read));
                offset += read;
                progress.Advance(read);
            }

            return _hasher.Finish();
        }
    }
}
