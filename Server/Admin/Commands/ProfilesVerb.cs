using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary><c>profiles</c>: the servers that this user is logged in to; never their tokens.</summary>
internal sealed class ProfilesVerb(AdminContext context) : AdminVerb(
    context, "profiles", "Lists the profiles that 'login' kept, without their tokens.",
    "ota-admin profiles",
    "ota-admin profiles --json")
{
    protected override Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var used = GivenServer(parsed).Profile ?? CommonOptions.Variable("OTA_PROFILE") ?? ProfileFolder.DefaultName;
        var folder = LoginVerb.OfUser();
        var lines = folder.List()
            .Select(name => (Name: name, Profile: folder.Find(name)))
            .Where(entry => entry.Profile is not null)
            .Select(entry => new ProfileLine(
                entry.Name, entry.Profile!.Server, entry.Profile.CaFile, entry.Name == used))
            .ToList();
        if (IsJson(parsed))
        {
            Terminal.WriteJson(new ProfileList(lines), AdminJson.Default.ProfileList);
            return Task.CompletedTask;
        }

        var table = new TextTable("profile", "server", "certificates", "used");
        foreach (var line in lines)
            table.Add(line.Profile, line.Server, line.CaFile ?? "the system's", line.IsUsed ? "yes" : "");
        table.WriteTo(Terminal);
        return Task.CompletedTask;
    }
}
