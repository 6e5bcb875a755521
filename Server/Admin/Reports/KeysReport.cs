namespace ChunkOta.Admin;

/// <summary>What <c>keys init --json</c> answers.</summary>
internal sealed record KeysReport(string Directory, string RootDigest, long RootExpiresUnixSeconds);
