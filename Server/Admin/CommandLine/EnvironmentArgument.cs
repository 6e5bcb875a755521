using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary>A needed argument that an environment variable stands in for where it is left out.</summary>
internal sealed class EnvironmentArgument : Argument<string>
{
    private const string ProductVariable = "OTA_PRODUCT";
    private const string ChannelVariable = "OTA_CHANNEL";

    private readonly string _variable;

    private EnvironmentArgument(string name, string description, string variable) : base(name) =>
        (Description, _variable) = ($"{description} Else {variable}.", variable);

    /// <summary>The product.</summary>
    public static EnvironmentArgument Product(string name = "PRODUCT", string description = "The product.") =>
        new(name, description, ProductVariable);

    /// <summary>The channel.</summary>
    public static EnvironmentArgument Channel() => new("CHANNEL", "The channel.", ChannelVariable);

    /// <summary>Completes a command line that lacks arguments: from the left, the first that have a variable get its
    /// value.</summary>
    /// <param name="root">The whole command line.</param>
    /// <param name="args">As the system gave them.</param>
    /// <returns>The same words where nothing can be completed.</returns>
    public static string[] Complete(RootCommand root, string[] args)
    {
        if (CommonOptions.Variable(ProductVariable) is null && CommonOptions.Variable(ChannelVariable) is null)
            return args;
        var command = Parse(root, args).CommandResult.Command;
        for (var index = 0; index < command.Arguments.Count; index++)
        {
            var given = Given(root, args, command);
            var needed = command.Arguments.Sum(argument => argument.Arity.MinimumNumberOfValues);
            if (given is null || given.Count >= needed || given.Count < index)
                return args;
            if (command.Arguments[index] is EnvironmentArgument argument
                && CommonOptions.Variable(argument._variable) is { } value)
            {
                args = Insert(root, args, command, value, [.. given.Take(index), value, .. given.Skip(index)]);
            }
        }
        return args;
    }

    /// <summary>Inserts one word so that the command gets the wanted arguments: where, the parser decides.</summary>
    private static string[] Insert(
        RootCommand root, string[] args, Command command, string value, List<string> wanted)
    {
        for (var position = 0; position <= args.Length; position++)
        {
            string[] candidate = [.. args[..position], value, .. args[position..]];
            if (Given(root, candidate, command) is { } given && given.SequenceEqual(wanted))
                return candidate;
        }
        return args;
    }

    /// <summary>The arguments that a command gets; null when it is another command.</summary>
    private static List<string>? Given(RootCommand root, string[] args, Command command)
    {
        var parsed = Parse(root, args);
        return parsed.CommandResult.Command == command && parsed.UnmatchedTokens.Count == 0
            ? [.. command.Arguments.SelectMany(argument => parsed.GetResult(argument)?.Tokens ?? [])
                .Select(token => token.Value)]
            : null;
    }

    private static ParseResult Parse(RootCommand root, string[] args) =>
        root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
}
