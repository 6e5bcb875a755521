using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary>The options that every verb takes: which server, and with which token.</summary>
internal sealed class AdminOptions() : CommonOptions("the token travels in the clear")
{
    public const string DefaultServer = "http://127.0.0.1:7080";

    public Option<string?> Server { get; } = new("--server")
    {
        Description = $"The server. Else OTA_SERVER, else {DefaultServer}.",
        HelpName = "URL",
        Recursive = true,
    };

    public Option<string?> Token { get; } = new("--token")
    {
        Description =
            "An admin or publisher token: @FILE, - for standard input, or the token itself (other users of this "
            + "machine can see it then). Else OTA_TOKEN.",
        HelpName = "@FILE",
        Recursive = true,
    };

    protected override void AddOwnTo(RootCommand root)
    {
        root.Add(Server);
        root.Add(Token);
    }
}
