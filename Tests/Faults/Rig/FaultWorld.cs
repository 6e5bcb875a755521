using ChunkOta.Protos;
using ChunkOta.Tests.Agent.Support;
using ChunkOta.Tests.Faults.Disk;

namespace ChunkOta.Tests.Faults.Rig;

/// <summary>A publisher, a server in memory and releases that follow each other, small and random by a
/// seed.</summary>
/// <remarks>For one thread at a time: the server answers one run after the other.</remarks>
internal sealed class FaultWorld : IDisposable
{
    private const int MostImages = 4;

    private readonly AgentRig _origin = new();
    private readonly Dictionary<string, Envelope> _pointers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _freshTrees = new(StringComparer.Ordinal);
    private readonly TestDeltas _deltas = new();
    private readonly string _folder;
    private int _devices;

    /// <param name="folder">The folder of the devices, on a fast file system.</param>
    /// <param name="seed">What the releases are made of.</param>
    /// <param name="count">How many releases there are.</param>
    public FaultWorld(string folder, int seed, int count = 4)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        Releases = MakeReleases(seed, count);
        Factory = Bytes(new Random(seed), SlotDevice.SlotBytes);
        Images = MakeImages(seed, count);
        _origin.Source.ChunksPerFrame = 8;
        foreach (var release in Releases.Concat(Images))
        {
            _origin.Source.Publish(release, release.Manifest.Counter);
            _pointers.Add(release.Manifest.Version, _origin.Source.Pointer!);
        }
    }

    /// <summary>Version 1.0.0 and so on, each newer than the one before.</summary>
    public IReadOnlyList<TestRelease> Releases { get; }

    /// <summary>The newest version.</summary>
    public string Newest => Releases[^1].Manifest.Version;

    /// <summary>Version 2.0.0 and so on, each one image for a slot.</summary>
    public IReadOnlyList<TestRelease> Images { get; }

    /// <summary>The newest image.</summary>
    public string NewestImage => Images[^1].Manifest.Version;

    /// <summary>The content of slot A on a new device, which nobody has signed.</summary>
    public byte[] Factory { get; }

    public TestPublisher Publisher => _origin.Publisher;

    /// <summary>A device in a new folder, which the caller deletes.</summary>
    public AgentRig NewDevice() => DeviceIn(NewFolder());

    public string NewFolder() => Path.Combine(_folder, $"device-{Interlocked.Increment(ref _devices):D7}");

    /// <summary>A device in that folder.</summary>
    public AgentRig DeviceIn(string folder)
    {
        Directory.CreateDirectory(folder);
        return new AgentRig(_origin, folder);
    }

    /// <summary>Makes a release current on the server.</summary>
    /// <param name="version">Its version.</param>
    /// <param name="hasDeltas">The server has the delta that leads to it.</param>
    public void Offer(string version, bool hasDeltas = false)
    {
        var source = _origin.Source;
        source.Pointer = _pointers[version];
        source.Deltas = hasDeltas ? _deltas : null;
        source.ChunksSent.Clear();
        source.FetchCalls.Clear();
        source.RecipesAsked.Clear();
        source.Checks.Clear();
        _deltas.Calls.Clear();
    }

    /// <summary>The deltas that were fetched since the last offer.</summary>
    public int DeltaCalls => _deltas.Calls.Count;

    /// <summary>The tree of a release as a fresh device installs it, as text.</summary>
    public async Task<string> FreshTreeAsync(string version)
    {
        if (_freshTrees.TryGetValue(version, out var known))
            return known;
        var device = NewDevice();
        device.Make();
        Offer(version);
        await device.UpdateAsync();
        var tree = TreeOf(device);
        Directory.Delete(device.Folder, recursive: true);
        return _freshTrees[version] = tree;
    }

    /// <summary>The tree that is current on a device, as text.</summary>
    public static string TreeOf(AgentRig device) =>
        DiskImage.Read(device.Product.ReleaseOf(device.Activation.FindCurrent()!)).Describe();

    public void Dispose() => _origin.Dispose();

    private static TestRelease[] MakeReleases(int seed, int count)
    {
        var random = new Random(seed);
        var program = Bytes(random, random.Next(6_000, 14_000));
        var library = Bytes(random, random.Next(10_000, 24_000));
        var releases = new TestRelease[count];
        for (var i = 0; i < releases.Length; i++)
        {
            var release = new TestRelease($"1.{i}.0", (ulong)i + 1)
                .File("bin/program", Changed(program, random), executable: true)
                .File("lib/library", library = Changed(library, random))
                .File("readme", "as ever")
                .File($"moved/{i % 3}/here", "the same at another place")
                .File("empty", Array.Empty<byte>())
                .EmptyDirectory("var/empty")
                .Link("run", i % 2 == 0 ? "bin/program" : "lib/library");
            if (i % 2 == 1)
                release.File("added/some", Bytes(random, random.Next(1, 3_000)));
            releases[i] = release;
        }
        return releases;
    }

    /// <summary>Images with a stretch of zeros, each longer than the one before and like it in most blocks.</summary>
    private static TestRelease[] MakeImages(int seed, int count)
    {
        const int LengthOfFirst = 20_000;
        const int Growth = 300;
        var random = new Random(seed);
        var content = Bytes(random, LengthOfFirst);
        content.AsSpan(4_096, 4_096).Clear();
        var images = new TestRelease[Math.Min(count, MostImages)];
        for (var i = 0; i < images.Length; i++)
        {
            content = [.. Changed(content, random), .. Bytes(random, Growth)];
            images[i] = new TestRelease($"2.{i}.0", (ulong)(count + i) + 1).File("firmware.img", content);
        }
        return images;
    }

    private static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Changed(byte[] content, Random random)
    {
        var changed = content.ToArray();
        random.NextBytes(changed.AsSpan(random.Next(content.Length - 200), 200));
        return changed;
    }
}
