namespace ChunkOta.Admin;

/// <summary>The answer of <c>keys init --json</c>.</summary>
internal sealed record KeysReport(string Directory, string RootDigest, long RootExpiresUnixSeconds);
