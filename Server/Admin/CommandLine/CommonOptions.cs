using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary>The options that every verb takes: which server, who asks, how it is answered.</summary>
internal sealed class CommonOptions
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
        Description = "An admin or publisher token: @FILE, - for standard input, or the token itself (other users of this "
            + "machine can see it then). Else OTA_TOKEN.",
        HelpName = "@FILE",
        Recursive = true,
    };

    public Option<string?> Ca { get; } = SharedOptions.Ca();

    public Option<bool> Plaintext { get; } = SharedOptions.Plaintext("the token travels in the clear");

    public Option<bool> Json { get; } = SharedOptions.Json();

    public void AddTo(RootCommand root)
    {
        root.Add(Server);
        root.Add(Token);
        root.Add(Ca);
        root.Add(Plaintext);
        root.Add(Json);
    }
}
