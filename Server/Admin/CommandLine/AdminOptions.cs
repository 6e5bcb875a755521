using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary>The options that every verb takes: which server, and with which token.</summary>
internal sealed class AdminOptions() : ClientOptions(
    "the token travels unencrypted", " Else OTA_CA, else the profile's.")
{
    public Option<string?> Server { get; } = new("--server")
    {
        Description = $"The server. Else OTA_SERVER, else the profile's, else {ServerChoice.DefaultServer}.",
        HelpName = "URL",
        Recursive = true,
    };

    public Option<string?> Token { get; } = new("--token")
    {
        Description =
            "An admin or publisher token: @FILE, - for standard input, or the token itself (other users of this "
            + "machine can see it then). Else OTA_TOKEN, else the profile's.",
        HelpName = "@FILE",
        Recursive = true,
    };

    public Option<string?> Profile { get; } = new("--profile")
    {
        Description = "The profile that 'login' saved. Else OTA_PROFILE, else default.",
        HelpName = "NAME",
        Recursive = true,
    };

    /// <summary>Reads the arguments about the server.</summary>
    public GivenServer Read(ParseResult parsed) => new(
        parsed.GetValue(Profile), parsed.GetValue(Server), parsed.GetValue(Token), parsed.GetValue(Ca),
        parsed.GetValue(Plaintext));

    protected override void AddOwnTo(RootCommand root)
    {
        root.Add(Server);
        root.Add(Token);
        root.Add(Profile);
        base.AddOwnTo(root);
    }
}
