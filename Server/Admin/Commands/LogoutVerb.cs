using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary><c>logout</c>: removes a profile from this machine.</summary>
internal sealed class LogoutVerb(AdminContext context) : AdminVerb(
    context, "logout",
    "Removes the profile that 'login' kept. The token stays valid: 'tokens revoke' ends it.",
    "ota-admin logout",
    "ota-admin logout --profile staging")
{
    protected override bool IsChange => true;

    protected override Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var name = GivenServer(parsed).Profile
            ?? CommonOptions.Variable("OTA_PROFILE") ?? ProfileFolder.DefaultName;
        var wasThere = LoginVerb.OfUser().Remove(name);
        if (IsJson(parsed))
            Terminal.WriteJson(new LogoutReport(name, wasThere), AdminJson.Default.LogoutReport);
        else
            Terminal.WriteLine(wasThere ? $"removed the profile {name}" : $"there was no profile {name}");
        return Task.CompletedTask;
    }
}
