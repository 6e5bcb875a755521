using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Server.Core;

/// <summary>Receives the outcomes of operations, to count them.</summary>
/// <remarks>A call returns at once and never throws. Any number of callers at once.</remarks>
public interface IServerObserver
{
    /// <summary>A publish was committed.</summary>
    /// <param name="figures">The release's share of the store.</param>
    /// <param name="isAlreadyPublished">True when the release was there before.</param>
    void Published(ReleaseFigures figures, bool isAlreadyPublished);

    /// <summary>An update check was answered.</summary>
    void Checked(UpdateAnswerKind kind);

    /// <summary>A device reported an outcome.</summary>
    /// <param name="state">A value of the protocol's DeviceState, as the device sent it.</param>
    /// <param name="cause">A value of the protocol's FailureCause, as the device sent it; 0 for none.</param>
    void Reported(int state, int cause);

    /// <summary>A device reported that it now runs another release.</summary>
    /// <param name="isInstall">True when it ran none before.</param>
    /// <param name="receivedBytes">Bytes that the device says it received.</param>
    /// <param name="fullBytes">Bytes of the whole release as they are sent to a device that holds nothing.</param>
    void Updated(bool isInstall, long receivedBytes, long fullBytes);

    /// <summary>The build of a delta ended.</summary>
    void DeltaBuilt(DeltaBuildOutcome outcome, DeltaQuality quality, TimeSpan duration);
}

/// <summary>The kinds of answers to an update check.</summary>
public enum UpdateAnswerKind
{
    /// <summary>The device holds the release already.</summary>
    Current,

    /// <summary>A delta from the release that the device holds is offered.</summary>
    Delta,

    /// <summary>The device holds a release from which there is no delta, so it fetches chunks.</summary>
    Chunks,

    /// <summary>The device holds no release that the server knows.</summary>
    Install,
}

/// <summary>The ways in which the build of a delta ends.</summary>
public enum DeltaBuildOutcome
{
    /// <summary>The delta is stored.</summary>
    Stored,

    /// <summary>Chunks are as cheap, so nothing is stored.</summary>
    NotSmaller,

    /// <summary>It failed.</summary>
    Failed,
}
