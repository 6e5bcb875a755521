using System.Reflection;

namespace ChunkOta.Server;

/// <summary>The source code of the running version, which the AGPL lets every user of the server ask for.</summary>
internal sealed record SourceSettings
{
    private static readonly SettingSection Section = new(nameof(ServerSettings.Source));

    /// <summary>The location of the running version's source code; a changed server must name its own.</summary>
    public string Url { get; init; } =
        typeof(SourceSettings).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(metadata => metadata.Key == "RepositoryUrl").Value!;

    public IEnumerable<string> FindFaults()
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            yield return $"{Section.KeyOf(nameof(Url))} is not a web address: '{Url}': use https://HOST/PATH";
    }
}
