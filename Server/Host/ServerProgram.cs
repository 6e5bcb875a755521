using System.Globalization;
using ChunkOta.Protos;
using ChunkOta.Server.Core;

namespace ChunkOta.Server;

/// <summary>The commands of ota-server, from their arguments to an exit code.</summary>
internal static class ServerProgram
{
    /// <summary>Runs the command of the arguments.</summary>
    /// <returns>The exit code; on failure <paramref name="errors"/> has a line <c>error CODE: message</c>.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors)
    {
        try
        {
            var line = CommandLine.Parse(arguments);
            switch (line.Verb)
            {
                case ServerVerb.Version:
                    await output.WriteLineAsync(ServerVersion.Line);
                    break;
                case ServerVerb.CheckSettings:
                    await PrintAsync(SettingsLoader.Load(line.SettingsFile, line.Assignments ?? []), output);
                    break;
                case ServerVerb.Run:
                    await ServerRun.ServeAsync(SettingsLoader.Load(line.SettingsFile, line.Assignments ?? []), output);
                    break;
                default:
                    await output.WriteLineAsync(CommandLine.Help);
                    break;
            }

            return 0;
        }
        catch (SettingsInvalidException failure)
        {
            foreach (var fault in failure.Faults) await errors.WriteLineAsync($"error {failure.Code}: {fault}");
            return ExitCodes.Of(failure.Code);
        }
        catch (ChunkOtaException failure)
        {
            await errors.WriteLineAsync($"error {failure.Code}: {failure.DescribeForOperator()}");
            return ExitCodes.Of(failure.Code);
        }
        catch (Exception failure)
        {
            await errors.WriteLineAsync(
                $"{failure}\nerror {ErrorCodes.Internal}: the server failed: the lines above say how");
            return ExitCodes.Internal;
        }
    }

    private static async Task PrintAsync(ServerSettings settings, TextWriter output)
    {
        foreach (var (key, value) in SettingsLoader.Enumerate(settings))
        {
            var text = value is IEnumerable<string> list
                ? string.Join(' ', list)
                : string.Create(CultureInfo.InvariantCulture, $"{value}");
            await output.WriteLineAsync($"{key}={text}");
        }
    }
}
