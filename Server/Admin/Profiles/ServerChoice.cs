using ChunkOta.Client;
using ChunkOta.Protos;

namespace ChunkOta.Admin;

/// <summary>Which server a command talks to, and with what: the arguments win over the environment, and that wins over
/// the profile of the environment or the default one.</summary>
/// <param name="Server">The server's URL.</param>
/// <param name="Token">The token as given: <c>@FILE</c>, <c>-</c> or the token itself; null for none.</param>
/// <param name="Trust">Which certificates are trusted.</param>
/// <param name="IsPlaintextAllowed">Cleartext to another machine is allowed.</param>
internal sealed record ServerChoice(string Server, string? Token, ServerTrust Trust, bool IsPlaintextAllowed)
{
    /// <summary>The server where nothing is said: one on this machine, with its defaults.</summary>
    public const string DefaultServer = "http://127.0.0.1:7080";

    /// <summary>The server alone: a record would print its token.</summary>
    public override string ToString() => Server;

    /// <summary>Chooses.</summary>
    /// <param name="given">What the arguments say.</param>
    /// <param name="variable">Reads the environment.</param>
    /// <exception cref="ChunkOtaException"><c>CONFIG_INVALID</c>: a profile that was named is not there, or a file
    /// cannot be read. <c>USAGE</c>: <c>--profile</c> and <c>--server</c> name two servers.</exception>
    public static ServerChoice Of(GivenServer given, Func<string, string?> variable)
    {
        var server = given.Server ?? Exported("OTA_SERVER");
        var token = given.Token ?? Exported("OTA_TOKEN");
        var isAllGiven = server is not null && token is not null;
        var profile = FindProfile(given.Profile ?? variable("OTA_PROFILE"), isAllGiven, variable);
        // A profile's token goes to the profile's server and to no other.
        if (profile is not null && server is not null && !IsSame(server, profile.Server))
        {
            if (given.Profile is not null)
                throw new ChunkOtaException(
                    ErrorCodes.Usage,
                    $"--profile {OneLine.Of(given.Profile)} is for {profile.Server}, --server names another one: give "
                    + "one of the two");
            profile = null;
        }
        var ca = given.Ca ?? Exported("OTA_CA");
        return new ServerChoice(
            server ?? profile?.Server ?? DefaultServer,
            token ?? profile?.Token,
            ca is not null ? ServerTrust.FromFile(ca) : TrustOf(profile),
            given.IsPlaintextAllowed || profile?.IsPlaintextAllowed == true);

        // Whoever names a profile means its server, its token and its certificates.
        string? Exported(string name) => given.Profile is null ? variable(name) : null;
    }

    private static ServerTrust TrustOf(Profile? profile) => profile?.Ca is { } pem
        ? ServerTrust.FromPem(pem, $"{profile.CaFile ?? "the --ca file"} as it was at login")
        : ServerTrust.System;

    private static Profile? FindProfile(string? name, bool isAllGiven, Func<string, string?> variable)
    {
        var folder = ProfileFolder.OfUser(variable);
        Profile? profile;
        try
        {
            profile = folder?.Find(name ?? ProfileFolder.DefaultName);
        }
        catch (ChunkOtaException) when (name is null && isAllGiven)
        {
            // Nobody asked for the default profile: a container often runs as a user who cannot read HOME.
            return null;
        }

        if (profile is not null || name is null)
            return profile;
        var known = folder?.List() is { Count: > 0 } names ? $" (there is {string.Join(", ", names)})" : "";
        throw new ChunkOtaException(ErrorCodes.ConfigInvalid,
            $"unknown profile: {OneLine.Of(name)}{known}: run ota-admin login URL --profile {OneLine.Of(name)}");
    }

    private static bool IsSame(string one, string other) =>
        ServerAddress.Parse(one, allowPlaintext: true).ToString()
        == ServerAddress.Parse(other, allowPlaintext: true).ToString();
}

/// <summary>The arguments about the server; null for what they do not say.</summary>
internal sealed record GivenServer(string? Profile, string? Server, string? Token, string? Ca, bool IsPlaintextAllowed);
