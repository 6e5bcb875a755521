using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>--from VERSION=N</c>: a fleet by hand, where no devices report yet.</summary>
internal static class FleetOption
{
    private const string Nothing = "none";

    /// <summary>Makes the option; it may be given many times.</summary>
    public static Option<IReadOnlyList<FleetShare>> Create() => new("--from")
    {
        Description =
            "Weigh by N devices that run VERSION ('none': nothing is installed) instead of by what devices report; "
            + "may be given again.",
        HelpName = "VERSION=N",
        CustomParser = Parse,
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = _ => [],
    };

    private static List<FleetShare> Parse(ArgumentResult result)
    {
        List<FleetShare> fleet = [];
        foreach (var token in result.Tokens)
        {
            var at = token.Value.LastIndexOf('=');
            if (at <= 0 || !uint.TryParse(
                token.Value[(at + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var devices)
                || devices == 0)
            {
                result.AddError($"'{token.Value}' is not VERSION=N: write 1.4.0=200");
                continue;
            }

            var version = token.Value[..at] is var text && text == Nothing ? "" : text;
            if (version.Length != 0 && !ReleaseVersion.TryParse(version, out _))
                result.AddError($"'{version}' is not a version: write 1.4.0=200");
            else if (fleet.Exists(share => share.Version == version))
                result.AddError($"{text} is given twice");
            else
                fleet.Add(new FleetShare { Version = version, Devices = devices });
        }

        return fleet;
    }
}
