using System.Text.Json;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>The device's trust state on disk: every change is one durable write of all of it.</summary>
/// <param name="home">The agent's folder.</param>
/// <param name="clock">Paces the wait for another agent's write.</param>
internal sealed class TrustStore(AgentHome home, TimeProvider clock)
{
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Reads everything; an empty document where nothing was ever written.</summary>
    /// <exception cref="ChunkOtaException"><c>IO_ERROR</c>: both generations are damaged.</exception>
    public TrustDocument Load()
    {
        try
        {
            return Generations.Find() is { } payload
                ? JsonSerializer.Deserialize(payload, AgentJson.Default.TrustDocument) ?? new TrustDocument()
                : new TrustDocument();
        }
        catch (Exception e) when (e is JsonException or (ChunkOtaException and not FileSystemException))
        {
            throw new ChunkOtaException(
                ErrorCodes.IoError,
                $"{home.StateDirectory}/trust.a and trust.b are damaged: move them away and install again with a token",
                e);
        }
    }

    /// <summary>Changes one product's record under the lock that all agents of this home share.</summary>
    /// <param name="server">The server's URL.</param>
    /// <param name="product">The product.</param>
    /// <param name="change">Makes the new record from the old one, which is null when there is none.</param>
    /// <returns>The new record.</returns>
    public async Task<TrustRecord> UpdateAsync(
        string server, string product, Func<TrustRecord?, TrustRecord> change, CancellationToken cancellationToken)
    {
        home.Make();
        using var held = await LockAsync(cancellationToken).ConfigureAwait(false);
        TemporaryFile.RemoveLeftovers(home.StateDirectory);
        var document = Load();
        var record = change(document.Find(server, product));
        var before = JsonSerializer.SerializeToUtf8Bytes(document, AgentJson.Default.TrustDocument);
        var after = JsonSerializer.SerializeToUtf8Bytes(document.With(record), AgentJson.Default.TrustDocument);
        if (!after.AsSpan().SequenceEqual(before))
            Generations.Write(after);
        return record;
    }

    /// <summary>Takes the lock of <c>.state</c>; waits while another agent holds it.</summary>
    /// <exception cref="ChunkOtaException"><c>BUSY</c>: it was held for ten seconds.</exception>
    public async Task<FileLock> LockAsync(CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return FileLock.Acquire(home.TrustLockPath);
            }
            catch (FileSystemException e)
                when (e.Code == ErrorCodes.Busy && clock.GetElapsedTime(started) < LockTimeout)
            {
                await Task.Delay(LockPause, clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private TwoGenerationFile Generations =>
        new(Path.Combine(home.StateDirectory, "trust"), Permissions.Ordinary);
}
