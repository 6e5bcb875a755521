namespace ChunkOta.Tests.Faults.Disk;

/// <summary>A state that a crash may leave on a disk.</summary>
/// <param name="Build">Makes what is on the disk.</param>
/// <param name="IsAcknowledged">The run had ended, and said so.</param>
internal readonly record struct CrashState(Func<DiskImage> Build, bool IsAcknowledged);

/// <summary>Enumerates the states that a crash during a recorded run may leave.</summary>
/// <remarks>
/// What a barrier covered is there. Of the rest there may be any part: of the writes any subset, the last one torn; of
/// the changes of names, either all up to one of them (a journal), or for each directory all up to one of its own
/// (POSIX). A file's data may be there without its name and the other way round.
/// </remarks>
/// <param name="recording">The recorded run, ended.</param>
/// <param name="isLying">Barriers are taken for what they are on a disk that lies: nothing.</param>
internal sealed class CrashStates(DiskRecorder recording, bool isLying = false)
{
    private readonly DiskEvent[] _events = [.. recording.Events];
    private readonly bool[] _isDurable = new bool[recording.Events.Count];

    /// <summary>Yields states of every step: those that are telling, and random ones.</summary>
    /// <param name="draws">How many random states there are for each step.</param>
    public IEnumerable<CrashState> All(int draws, Random random)
    {
        for (var end = 0; end <= _events.Length; end++)
        {
            if (end > 0 && _events[end - 1] is SyncEvent barrier)
                Pass(barrier, end - 1);
            var events = end;
            foreach (var (kept, torn) in Choices(end, draws, random))
                yield return new CrashState(() => Build(kept, events, torn), end == _events.Length);
        }
    }

    /// <summary>The state in which all is lost that no barrier covered, after so many events.</summary>
    public DiskImage Least(int events)
    {
        for (var i = 0; i < events; i++)
        {
            if (_events[i] is SyncEvent barrier)
                Pass(barrier, i);
        }
        return Build([.. _isDurable], events, torn: null);
    }

    private IEnumerable<(bool[] Kept, (int Event, int Bytes)? Torn)> Choices(int end, int draws, Random random)
    {
        var open = Enumerable.Range(0, end).Where(i => !_isDurable[i] && _events[i] is not SyncEvent).ToArray();
        if (open.Length == 0)
        {
            yield return ([.. _isDurable], null);
            yield break;
        }
        var names = open.Where(i => _events[i] is not ContentEvent).ToArray();
        var contents = open.Where(i => _events[i] is ContentEvent).ToArray();
        // A journal that holds a change holds those before it.
        var journalled = end - 1;
        while (journalled >= 0 && (!_isDurable[journalled] || _events[journalled] is ContentEvent))
            journalled--;
        for (var count = names.Count(i => i < journalled); count <= names.Length; count++)
        {
            yield return (With(names.Take(count)), null);
            if (contents.Length > 0)
                yield return (With([.. names.Take(count), .. contents]), null);
        }
        for (var draw = 0; draw < draws; draw++)
        {
            var keeps = random.NextDouble();
            var kept = With(contents.Where(_ => random.NextDouble() < keeps));
            DrawNames(kept, names, random);
            var torn = contents.LastOrDefault(i => kept[i] && _events[i] is WriteEvent, -1);
            var bytes = torn < 0 ? 0 : ((WriteEvent)_events[torn]).Bytes.Length;
            yield return (kept, bytes > 1 && random.Next(2) == 0 ? (torn, TornAt(bytes, random)) : null);
        }
    }

    /// <summary>A write is torn at a sector, or anywhere when it is shorter.</summary>
    private static int TornAt(int bytes, Random random) =>
        bytes > 512 ? random.Next((bytes / 512) + 1) * 512 : random.Next(bytes);

    private bool[] With(IEnumerable<int> kept)
    {
        bool[] all = [.. _isDurable];
        foreach (var i in kept)
            all[i] = true;
        return all;
    }

    /// <summary>Keeps changes of names so that each directory has all of its own up to one.</summary>
    private void DrawNames(bool[] kept, int[] names, Random random)
    {
        var keeps = random.NextDouble();
        var stopped = new HashSet<ulong>();
        foreach (var i in names)
        {
            var touched = Touched(_events[i]).ToArray();
            kept[i] = !touched.Any(stopped.Contains) && random.NextDouble() < keeps;
            if (!kept[i])
                stopped.UnionWith(touched);
        }
    }

    /// <summary>The things whose changes happen in order: a directory's names, an inode's mode.</summary>
    private static IEnumerable<ulong> Touched(DiskEvent change) => change switch
    {
        NameEvent names => names.Changes.Select(name => name.Directory).Distinct(),
        ModeEvent mode => [mode.Inode],
        _ => [],
    };

    private void Pass(SyncEvent barrier, int end)
    {
        if (isLying)
            return;
        for (var i = end - 1; i >= 0; i--)
        {
            var isCovered = barrier.Inode is not { } inode
                || (_events[i] is ContentEvent content && content.Inode == inode)
                || Touched(_events[i]).Contains(inode);
            if (isCovered)
                MakeDurable(i);
        }
    }

    /// <summary>A change of names that is on the disk has those before it in the same directories there, too.</summary>
    private void MakeDurable(int index)
    {
        if (_isDurable[index])
            return;
        _isDurable[index] = true;
        var touched = Touched(_events[index]).ToHashSet();
        for (var i = index - 1; i >= 0; i--)
        {
            if (!_isDurable[i] && Touched(_events[i]).Any(touched.Contains))
                MakeDurable(i);
        }
    }

    private DiskImage Build(bool[] kept, int end, (int Event, int Bytes)? torn)
    {
        var names = recording.FirstNames.ToDictionary(pair => pair.Key, pair => pair.Value);
        var nodes = recording.Inodes.ToDictionary(pair => pair.Key, pair => new DiskNode
        {
            Kind = pair.Value.Kind,
            Target = pair.Value.Target,
            Mode = pair.Value.FirstMode,
            Content = recording.FirstInodes.GetValueOrDefault(pair.Key)?.Content ?? [],
        });
        for (var i = 0; i < end; i++)
        {
            if (!kept[i])
                continue;
            switch (_events[i])
            {
                case NameEvent change:
                    Apply(change, names);
                    break;
                case ModeEvent mode:
                    nodes[mode.Inode].Mode = mode.Mode;
                    break;
                case LengthEvent length:
                    var resized = nodes[length.Inode].Content.ToArray();
                    Array.Resize(ref resized, length.Length);
                    nodes[length.Inode].Content = resized;
                    break;
                case WriteEvent write:
                    var bytes = torn is { } cut && cut.Event == i ? cut.Bytes : write.Bytes.Length;
                    Apply(write, nodes[write.Inode], bytes);
                    break;
                default:
                    break;
            }
        }
        foreach (var ((directory, name), inode) in names)
            nodes[directory].Names.Add(name, nodes[inode]);
        return new DiskImage(nodes[recording.Root]);
    }

    private static void Apply(NameEvent change, Dictionary<(ulong Directory, string Name), ulong> names)
    {
        foreach (var (directory, name, inode) in change.Changes)
        {
            if (inode is { } now)
                names[(directory, name)] = now;
            else
                names.Remove((directory, name));
        }
    }

    private static void Apply(WriteEvent write, DiskNode node, int bytes)
    {
        if (bytes == 0)
            return;
        var content = new byte[Math.Max(node.Content.Length, write.Offset + bytes)];
        node.Content.CopyTo(content, 0);
        write.Bytes.AsSpan(0, bytes).CopyTo(content.AsSpan(write.Offset));
        node.Content = content;
    }
}
