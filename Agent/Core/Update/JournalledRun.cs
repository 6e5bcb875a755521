namespace ChunkOta.Agent;

/// <summary>A run whose end is noted in the journal, however it ends.</summary>
internal static class JournalledRun
{
    /// <summary>Makes a run.</summary>
    /// <param name="journal">Gets the notes; null for a run that changes nothing.</param>
    /// <param name="run">Makes the run.</param>
    public static async Task<UpdateResult> RunAsync(RunJournal? journal, Func<Task<UpdateResult>> run)
    {
        try
        {
            var result = await run().ConfigureAwait(false);
            journal?.End(result.State switch
            {
                UpdateState.Installed => UpdateStage.Committed,
                UpdateState.OnTrial => UpdateStage.Verifying,
                UpdateState.Staged => UpdateStage.Staged,
                _ => UpdateStage.Idle,
            });
            return result;
        }
        catch (ChunkOtaException e)
        {
            journal?.Fail(e.Code == ErrorCodes.HealthFailed ? UpdateStage.RolledBack : UpdateStage.Blocked, e);
            throw;
        }
        catch (OperationCanceledException)
        {
            journal?.Stop();
            throw;
        }
    }
}
