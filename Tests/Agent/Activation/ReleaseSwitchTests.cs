using ChunkOta.Agent;
using ChunkOta.Chunking;
using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Activation;

/// <summary>The switch over a destination and an activation that are no trees and no links, as an image slot and a
/// bootloader will be.</summary>
public sealed class ReleaseSwitchTests : IDisposable
{
    private static readonly InstalledRelease Old = new("1.0.0", Digest.Of("old"u8), 1, 0);
    private static readonly InstalledRelease New = new("1.1.0", Digest.Of("new"u8), 2, 0);

    private readonly AgentRig _rig = new();
    private readonly Recorder _recorder;
    private readonly List<ChunkOtaException> _warnings = [];
    private readonly ReleaseSwitch _switch;
    private readonly ProductState _state;

    public ReleaseSwitchTests()
    {
        _recorder = new Recorder(_rig.States);
        _switch = new ReleaseSwitch(_rig.States, _recorder, _recorder, _rig.Clock, _warnings);
        _state = new ProductState
        {
            Product = "editor",
            Platform = "linux-x64",
            Channel = "stable",
            Server = "https://ota.example.org",
            Current = Old.ManifestDigest,
            Releases = [Old],
        };
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void A_sealed_release_is_recorded_then_named_then_tried_then_confirmed_then_recorded()
    {
        var state = _switch.Adopt(_state, new SwitchOrder("upgrade", New, null));

        Assert.Equal(
            ["adopt 1.1.0, pending 1.1.0", "try 1.1.0, pending 1.1.0", "confirm over 1.0.0, pending 1.1.0"],
            _recorder.Calls);
        Assert.Equal((New, Old), (state.CurrentRelease, state.PreviousRelease));
        Assert.Null(_rig.States.Find()!.Pending);
    }

    [Fact]
    public void A_name_that_is_taken_is_refused_and_nothing_stays_pending()
    {
        _recorder.IsTaken = true;

        var failure = Assert.ThrowsAny<ChunkOtaException>(
            () => _switch.Adopt(_state, new SwitchOrder("upgrade", New, null)));

        Assert.Equal(ErrorCodes.VersionTaken, failure.Code);
        Assert.Equal(["adopt 1.1.0, pending 1.1.0"], _recorder.Calls);
        Assert.Null(_rig.States.Find()!.Pending);
    }

    [Fact]
    public void A_revert_goes_back_without_a_trial()
    {
        var state = _switch.GoBack(
            _state with { Current = New.ManifestDigest, Previous = Old.ManifestDigest, Releases = [New, Old] },
            Old,
            cause: null);

        Assert.Equal(["revert 1.0.0, pending 1.0.0", "confirm over 1.1.0, pending 1.0.0"], _recorder.Calls);
        Assert.Equal((Old, New), (state.CurrentRelease, state.PreviousRelease));
    }

    /// <summary>Records each call with what the record on disk says at that moment.</summary>
    private sealed class Recorder(StateStore states) : IInstallDestination, IActivation
    {
        public List<string> Calls { get; } = [];

        public bool IsTaken { get; set; }

        public long FreeBytes => throw new NotSupportedException();

        public long FreeInodes => throw new NotSupportedException();

        public bool NeedsRestart => throw new NotSupportedException();

        public ReleaseStart FindStart(InstalledRelease release) => throw new NotSupportedException();

        public bool TryLeave(InstalledRelease failed) => throw new NotSupportedException();

        public IReadOnlyList<SeedTree> OpenSeeds(ProductState? state, ManifestStore manifests) =>
            throw new NotSupportedException();

        public bool HoldsStaged(Digest manifest) => throw new NotSupportedException();

        public bool TryAdopt(InstalledRelease release)
        {
            Record($"adopt {release.Version}");
            return !IsTaken;
        }

        public void Try(InstalledRelease release) => Record($"try {release.Version}");

        public void Confirm(InstalledRelease? previous) => Record($"confirm over {previous?.Version}");

        public void Revert(InstalledRelease release) => Record($"revert {release.Version}");

        public bool IsCurrent(InstalledRelease release) => throw new NotSupportedException();

        public bool Holds(InstalledRelease release) => throw new NotSupportedException();

        public string PathOf(string version) => version;

        public TreeFindings Check(string version, ReleaseContents release, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public TreeFindings CheckQuickly(
            string version, ReleaseContents release, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public void RestorePermissions(string version, ReleaseContents release, IReadOnlyList<TreeDamage> damage) =>
            throw new NotSupportedException();

        public IRepairWriter OpenRepair(string version, InstallOrder order) => throw new NotSupportedException();

        public FileSharing FindSharing(LinkMode link) => throw new NotSupportedException();

        public IUnfinishedInstall FindUnfinished(ReleaseContents release, FileHash hash) =>
            throw new NotSupportedException();

        public IInstallWriter Open(InstallOrder order) => throw new NotSupportedException();

        public void Reopen(InstalledRelease release) => throw new NotSupportedException();

        public IReadOnlyDictionary<string, string> FindUses(IReadOnlyCollection<InstalledRelease> releases) =>
            throw new NotSupportedException();

        public string? Remove(InstalledRelease release) => throw new NotSupportedException();

        public IReadOnlyList<string> FinishRemovals() => throw new NotSupportedException();

        public int CountUnfinished() => throw new NotSupportedException();

        public IReadOnlyList<string> RemoveUnfinished() => throw new NotSupportedException();

        bool IInstalledReleases.IsTaken(string version) => IsTaken;

        private void Record(string call) => Calls.Add($"{call}, pending {states.Find()?.Pending?.To.Version}");
    }
}
