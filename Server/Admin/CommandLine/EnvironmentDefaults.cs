using System.CommandLine;
using ChunkOta.Cli;

namespace ChunkOta.Admin;

/// <summary>Options and optional arguments whose value can come from the environment.</summary>
internal static class EnvironmentDefaults
{
    /// <summary>Takes the value from a variable where the option is not given.</summary>
    /// <param name="option">An option of text; a required one is then satisfied.</param>
    /// <param name="variable">The name of the variable, which the help names.</param>
    public static Option<T> FromEnvironment<T>(this Option<T> option, string variable)
        where T : class?
    {
        option.Description = $"{option.Description} Else {variable}.";
        if (CommonOptions.Variable(variable) is T value)
            option.DefaultValueFactory = _ => value;
        return option;
    }

    /// <summary>As for an option, of an argument that may be left out.</summary>
    public static Argument<T> FromEnvironment<T>(this Argument<T> argument, string variable)
        where T : class?
    {
        argument.Description = $"{argument.Description} Else {variable}.";
        if (CommonOptions.Variable(variable) is T value)
            argument.DefaultValueFactory = _ => value;
        return argument;
    }
}
