using System.CommandLine;

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

    public Option<string?> Ca { get; } = new("--ca")
    {
        Description = "Believe the certificates of this PEM file (an authority's, or the server's own) and no others.",
        HelpName = "FILE",
        Recursive = true,
    };

    public Option<bool> Plaintext { get; } = new("--plaintext")
    {
        Description = "Allow http:// to another machine: the token travels in the clear.",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Answer with one JSON object on standard output.",
        Recursive = true,
    };

    public void AddTo(RootCommand root)
    {
        root.Add(Server);
        root.Add(Token);
        root.Add(Ca);
        root.Add(Plaintext);
        root.Add(Json);
    }
}
