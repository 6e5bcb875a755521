using System.Text.Json;
using System.Text.Json.Serialization;
using ChunkOta.Durable;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>Keeps the record of a run on disk: each stage, each new cause of a wait, bytes now and then, and the end.
/// </summary>
/// <remarks>A record that cannot be written never fails a run: a full disk may be what the run is about. A check that
/// finds nothing new writes nothing, unless the run before it failed.</remarks>
/// <param name="home">The product's folder; its lock is held.</param>
/// <param name="clock">Dates the records and paces them.</param>
internal sealed class RunJournal(ProductHome home, TimeProvider clock)
{
    private const int MaxBytes = 64 * 1024;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private RunRecord _record = new() { Process = RunningProcess.This };
    private long? _written;

    /// <summary>Reads the record of the last run; null when there is none that can be read.</summary>
    /// <param name="home">The product's folder.</param>
    public static RunRecord? Find(ProductHome home)
    {
        try
        {
            return DurableFile.FindBytes(home.RunPath, MaxBytes) is { } bytes
                ? JsonSerializer.Deserialize(bytes, RunRecordJson.Default.RunRecord)
                : null;
        }
        catch (Exception e) when (e is JsonException or ChunkOtaException)
        {
            return null;
        }
    }

    /// <summary>Notes the version that the run will install.</summary>
    /// <param name="version">The version.</param>
    public void AimAt(string version) => _record = _record with { Version = version };

    /// <summary>Follows the progress of the run.</summary>
    /// <param name="progress">The latest.</param>
    public void Follow(UpdateProgress progress)
    {
        var isNews = progress.Stage != _record.Stage || _record.Cause is not null;
        _record = _record with
        {
            Stage = progress.Stage,
            At = progress.Stage,
            DoneBytes = progress.DoneBytes,
            TotalBytes = progress.TotalBytes,
            BytesPerSecond = (long)(progress.BytesPerSecond ?? 0),
            Cause = null,
            Code = null,
            Text = null,
        };
        if (progress.Stage is UpdateStage.Checking or UpdateStage.Planning && _written is null)
            return;
        if (isNews || _written is not { } written || clock.GetElapsedTime(written) >= Pause)
            Write();
    }

    /// <summary>Notes that the run waits.</summary>
    /// <param name="stage">The stage that it is in.</param>
    /// <param name="cause">The cause.</param>
    /// <param name="failure">The failure of the last try.</param>
    public void Wait(UpdateStage stage, FailureCause cause, ChunkOtaException failure)
    {
        var word = cause.ToWord();
        var isNews = _record.Cause != word || _record.Code != failure.Code;
        _record = WithFailure(failure) with { Stage = stage, At = stage };
        if (isNews)
            Write();
    }

    /// <summary>Notes the end of a run that succeeded.</summary>
    /// <param name="stage">How it ended.</param>
    public void End(UpdateStage stage)
    {
        if (stage == UpdateStage.Idle && _written is null
            && Find(home) is null or { Stage: UpdateStage.Idle or UpdateStage.Committed })
        {
            return;
        }
        _record = new RunRecord { Version = _record.Version, Stage = stage, At = stage };
        Write();
    }

    /// <summary>Notes the end of a run that failed.</summary>
    /// <param name="stage"><see cref="UpdateStage.Blocked"/> or <see cref="UpdateStage.RolledBack"/>.</param>
    /// <param name="failure">The failure.</param>
    public void Fail(UpdateStage stage, ChunkOtaException failure)
    {
        _record = WithFailure(failure) with { Stage = stage, Process = null };
        Write();
    }

    /// <summary>Notes that the run was stopped where it is.</summary>
    public void Stop()
    {
        if (_written is null)
            return;
        _record = _record with { Process = null };
        Write();
    }

    private RunRecord WithFailure(ChunkOtaException failure) => _record with
    {
        Cause = FailureCauses.Of(failure).ToWord(),
        Code = failure.Code,
        Text = OneLine.Of(failure.Message),
        BytesPerSecond = 0,
    };

    private void Write()
    {
        _record = _record with { ChangedUnixSeconds = clock.GetUtcNow().ToUnixTimeSeconds() };
        _written = clock.GetTimestamp();
        try
        {
            AtomicFile.Replace(
                home.RunPath,
                JsonSerializer.SerializeToUtf8Bytes(_record, RunRecordJson.Default.RunRecord),
                Permissions.Ordinary);
        }
        catch (FileSystemException)
        {
            // What is installed does not depend on it.
            return;
        }
    }
}

/// <summary>The JSON of the record of a run.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    MaxDepth = 4)]
[JsonSerializable(typeof(RunRecord))]
internal sealed partial class RunRecordJson : JsonSerializerContext;
