namespace ChunkOta.Admin;

/// <summary>The answer of <c>login --json</c>.</summary>
/// <param name="Profile">The name of the profile.</param>
/// <param name="Server">The server's URL.</param>
/// <param name="ServerVersion">The version of the server.</param>
/// <param name="File">The file that holds the profile.</param>
internal sealed record LoginReport(string Profile, string Server, string ServerVersion, string File);

/// <summary>The answer of <c>logout --json</c>.</summary>
/// <param name="Profile">The name of the profile.</param>
/// <param name="WasThere">There was such a profile.</param>
internal sealed record LogoutReport(string Profile, bool WasThere);

/// <summary>The answer of <c>profiles --json</c>.</summary>
/// <param name="Profiles">All profiles, by name.</param>
internal sealed record ProfileList(IReadOnlyList<ProfileLine> Profiles);

/// <summary>A profile, without its token.</summary>
/// <param name="Profile">Its name.</param>
/// <param name="Server">The server's URL.</param>
/// <param name="CaFile">The file that its certificates were copied from; absent for the system's authorities.</param>
/// <param name="IsUsed">Commands use it when nothing else is said.</param>
internal sealed record ProfileLine(string Profile, string Server, string? CaFile, bool IsUsed);
