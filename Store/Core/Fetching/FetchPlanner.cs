using ChunkOta.Chunking;
using ChunkOta.Protos;

namespace ChunkOta.Storage;

/// <summary>Decides which stored frames are sent whole and which chunks are regrouped into new frames.</summary>
/// <remarks>
/// A stored frame is sent unchanged when at least half of its plain bytes are wanted: it costs no CPU and is compressed
/// better than a new one. Otherwise its wanted chunks are regrouped with others. Frames are sent in the order in which
/// the first of their chunks was asked for. Pure.
/// </remarks>
internal static class FetchPlanner
{
    /// <summary>The most chunks in one frame, so that their names fit into the message beside the frame.</summary>
    internal const int MaxChunksPerFrame = 16_384;

    /// <summary>Plans one batch of wanted chunks.</summary>
    /// <param name="wanted">In the order asked. A chunk that is asked for under two names is sent under each.</param>
    public static IReadOnlyList<FetchStep> Plan(IReadOnlyList<WantedChunk> wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        var steps = new List<FetchStep>();
        var gatherer = new Gatherer(steps);
        var groups = GroupByFrame(wanted, out var repeats);
        foreach (var group in groups)
        {
            if (group.WantedBytes * 2 >= group.Frame.PlainBytes && group.Chunks.Count <= MaxChunksPerFrame)
                steps.Add(new WholeFrame(group.Frame, group.Chunks) { Spans = SpansOf(group) });
            else
                group.Chunks.ForEach(gatherer.Add);
        }

        repeats.ForEach(gatherer.Add);
        gatherer.Close();
        return steps;
    }

    private static List<Group> GroupByFrame(IReadOnlyList<WantedChunk> wanted, out List<WantedChunk> repeats)
    {
        var groups = new List<Group>();
        var byFrame = new Dictionary<FrameLocation, Group>();
        repeats = [];
        foreach (var chunk in wanted)
        {
            if (!byFrame.TryGetValue(chunk.Location.Frame, out var group))
            {
                group = new Group(chunk.Location.Frame);
                byFrame.Add(chunk.Location.Frame, group);
                groups.Add(group);
            }

            if (!group.TryAdd(chunk)) repeats.Add(chunk);
        }

        return groups;
    }

    /// <summary>Describes a stored frame byte by byte: wanted chunks are named, the rest is skipped.</summary>
    private static List<FrameSpan> SpansOf(Group group)
    {
        var spans = new SpanList();
        var at = 0;
        foreach (var chunk in group.Chunks.OrderBy(c => c.Location.PlainOffset))
        {
            spans.Skip(chunk.Location.PlainOffset - at);
            spans.Name(chunk);
            at = chunk.Location.PlainOffset + chunk.Location.Length;
        }

        spans.Skip(group.Frame.PlainBytes - at);
        return spans.Values;
    }

    /// <summary>The requested chunks of one stored frame.</summary>
    private sealed class Group(FrameLocation frame)
    {
        private readonly HashSet<int> _offsets = [];

        public FrameLocation Frame => frame;

        public List<WantedChunk> Chunks { get; } = [];

        public long WantedBytes { get; private set; }

        public bool TryAdd(WantedChunk chunk)
        {
            if (!_offsets.Add(chunk.Location.PlainOffset)) return false;
            Chunks.Add(chunk);
            WantedBytes += chunk.Location.Length;
            return true;
        }
    }

    /// <summary>Fills new frames up to their limits.</summary>
    private sealed class Gatherer(List<FetchStep> steps)
    {
        private List<WantedChunk> _chunks = [];
        private SpanList _spans = new();
        private int _plainBytes;

        public void Add(WantedChunk chunk)
        {
            if (_plainBytes + chunk.Location.Length > ChunkFrame.MaxPlainBytes || _chunks.Count == MaxChunksPerFrame)
                Close();
            _chunks.Add(chunk);
            _spans.Name(chunk);
            _plainBytes += chunk.Location.Length;
        }

        public void Close()
        {
            if (_chunks.Count == 0) return;
            steps.Add(new GatheredFrame(_chunks, _plainBytes) { Spans = _spans.Values });
            (_chunks, _spans, _plainBytes) = ([], new(), 0);
        }
    }

    /// <summary>Builds spans, joining a file's chunks that follow each other.</summary>
    private sealed class SpanList
    {
        public List<FrameSpan> Values { get; } = [];

        public void Skip(int bytes)
        {
            if (bytes > 0) Values.Add(FrameSpan.Skip((uint)bytes));
        }

        public void Name(WantedChunk chunk)
        {
            if (Values is [.., { IsSkipped: false } last]
                && last.Entry == chunk.Entry && last.First + last.Count == chunk.Number)
                Values[^1] = FrameSpan.Chunks(last.Entry, last.First, last.Count + 1);
            else
                Values.Add(FrameSpan.Chunks(chunk.Entry, chunk.Number, 1));
        }
    }
}
