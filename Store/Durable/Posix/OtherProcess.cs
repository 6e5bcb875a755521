namespace ChunkOta.Durable;

/// <summary>Another process of this machine.</summary>
public static class OtherProcess
{
    /// <summary>Sends SIGHUP to a process.</summary>
    /// <param name="id">Its id, above 1.</param>
    /// <returns>False when there is none, or it is not this user's.</returns>
    public static bool TryHangUp(int id) => id > 1 && Libc.Kill(id, Libc.HangupSignal) == 0;
}
