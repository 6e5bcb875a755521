using System.Collections.Concurrent;
using ChunkOta.Chunking;

namespace ChunkOta.Admin;

/// <summary>Cuts files into chunks on all cores; keeps what they are called, not what they hold.</summary>
internal static class FileCutter
{
    /// <summary>The chunks of some entries.</summary>
    /// <param name="tree">Whose entries are cut.</param>
    /// <param name="indexes">The indexes of the entries in the tree.</param>
    /// <param name="digests">The entries' digests: a file that no longer has its own has changed.</param>
    /// <param name="cut">The parameters that the product's files are cut with.</param>
    /// <param name="progress">Is told of the bytes cut.</param>
    /// <returns>Each entry's chunks, by index, in the order of the file.</returns>
    public static async Task<IReadOnlyDictionary<int, IReadOnlyList<ChunkRef>>> CutAsync(
        SourceTree tree, IReadOnlyCollection<int> indexes, IReadOnlyList<Digest> digests, CutParameters cut,
        IPublishProgress progress, CancellationToken cancellationToken)
    {
        var chunks = new ConcurrentDictionary<int, IReadOnlyList<ChunkRef>>();
        var cutters = new ConcurrentBag<Cutter>();
        try
        {
            var options = new ParallelOptions
            {
                CancellationToken = cancellationToken,
                MaxDegreeOfParallelism = Environment.ProcessorCount,
            };
            var longestFirst = indexes.OrderByDescending(index => tree.Entries[index].Length);
            await Parallel.ForEachAsync(longestFirst, options, async (index, cancellation) =>
            {
                var entry = tree.Entries[index];
                if (cut.IsWholeFile(entry.Length))
                {
                    chunks[index] = [new ChunkRef(digests[index], (int)entry.Length)];
                    progress.Advance(entry.Length);
                }
                else
                {
                    var cutter = cutters.TryTake(out var idle) ? idle : new Cutter(cut);
                    chunks[index] = await cutter.CutAsync(tree, entry, digests[index], progress, cancellation);
                    cutters.Add(cutter);
                }
            });
        }
        finally
        {
            foreach (var cutter in cutters)
                cutter.Dispose();
        }

        return chunks;
    }

    private sealed class Cutter(CutParameters cut) : IDisposable
    {
        private readonly ChunkReader _reader = new(Stream.Null, cut);
        private readonly Blake3Hasher _whole = new();

        public async Task<IReadOnlyList<ChunkRef>> CutAsync(
            SourceTree tree, SourceEntry entry, Digest expected, IPublishProgress progress,
            CancellationToken cancellationToken)
        {
            using var file = tree.Open(entry);
            await using var content = file.OpenStream();
            List<ChunkRef> chunks = new((int)(entry.Length / cut.Average) + 1);
            _reader.Reset(content);
            _whole.Reset();
            while (await _reader.ReadAsync(cancellationToken) is { IsEmpty: false } chunk)
            {
                cancellationToken.ThrowIfCancellationRequested();
                _whole.Append(chunk.Span);
                chunks.Add(new ChunkRef(Blake3.Hash(chunk.Span), chunk.Length));
                progress.Advance(chunk.Length);
            }

            return _whole.Finish() == expected ? chunks : throw SourceTree.Changed(entry);
        }

        public void Dispose() => _reader.Dispose();
    }
}
