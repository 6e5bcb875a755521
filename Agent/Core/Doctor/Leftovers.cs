using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>Finds the temporary files of runs that were killed.</summary>
internal static class Leftovers
{
    /// <summary>Lists the paths of temporary files whose process is gone.</summary>
    /// <param name="home">The agent's folder.</param>
    public static IReadOnlyList<string> Find(AgentHome home)
    {
        List<string> folders = [home.StateDirectory];
        foreach (var name in home.Products())
        {
            var product = home.Of(name);
            folders.AddRange([product.Root, product.Manifests, product.Staging, product.Launches]);
        }
        var left = new List<string>();
        foreach (var folder in folders)
        {
            foreach (var (name, kind) in Fs.FindNames(folder) ?? [])
            {
                if (kind is FileKind.File or FileKind.SymbolicLink && IsLeft(name))
                    left.Add(Path.Combine(folder, name));
            }
        }
        return left;
    }

    /// <summary>Tells whether a name is of a temporary file whose process has ended.</summary>
    private static bool IsLeft(string name) =>
        TemporaryFile.FindProcess(name) is { } process
        && process != Environment.ProcessId
        && !Directory.Exists($"/proc/{process}");
}
