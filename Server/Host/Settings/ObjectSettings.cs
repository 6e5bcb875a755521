using System.Text.RegularExpressions;

namespace ChunkOta.Server;

/// <summary>The objects: packs, manifests, recipes and deltas.</summary>
internal sealed record ObjectSettings
{
    private static readonly SettingSection Section = new(nameof(ServerSettings.Objects));

    /// <summary>The section of <see cref="S3"/>, for messages.</summary>
    public static SettingSection S3Section { get; } = new(Section.KeyOf(nameof(S3)));

    /// <summary>The folder that the servers of one PostgreSQL catalogue share; empty for the data folder.</summary>
    public string Folder { get; init; } = "";

    /// <summary>A bucket of an S3 service; without one, objects are in a folder.</summary>
    public S3Settings S3 { get; init; } = new();

    public IEnumerable<string> FindFaults(CatalogueSettings catalogue)
    {
        foreach (var fault in S3.FindFaults(S3Section)) yield return fault;
        if (Folder.Length != 0 && S3.Bucket.Length != 0)
            yield return $"{Section.KeyOf(nameof(Folder))} and {Section.KeyOf(nameof(S3))} exclude each other: set one";
        if (Folder.Length != 0 && catalogue.IsInDataFolder())
            yield return $"{Section.KeyOf(nameof(Folder))} needs {nameof(ServerSettings.Catalogue)}:"
                + $"{nameof(CatalogueSettings.Postgres)}: only servers of one catalogue can share objects";
    }
}

/// <summary>A second copy of the objects, from which lost ones are fetched.</summary>
internal sealed record ReplicaSettings
{
    private static readonly SettingSection Section = new(nameof(ServerSettings.Replica));

    /// <summary>The section of <see cref="S3"/>, for messages.</summary>
    public static SettingSection S3Section { get; } = new(Section.KeyOf(nameof(S3)));

    /// <summary>The folder of the copy; empty for none.</summary>
    public string Folder { get; init; } = "";

    /// <summary>The bucket of the copy.</summary>
    public S3Settings S3 { get; init; } = new();

    public IEnumerable<string> FindFaults()
    {
        foreach (var fault in S3.FindFaults(S3Section)) yield return fault;
        if (Folder.Length != 0 && S3.Bucket.Length != 0)
            yield return $"{Section.KeyOf(nameof(Folder))} and {Section.KeyOf(nameof(S3))} exclude each other: set one";
    }
}

/// <summary>A bucket of an S3 service.</summary>
internal sealed partial record S3Settings
{
    /// <summary>The address of the service, without the bucket.</summary>
    public string Endpoint { get; init; } = "";

    /// <summary>The bucket; empty for a folder.</summary>
    public string Bucket { get; init; } = "";

    /// <summary>The folder of this installation in the bucket; empty for all of it.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The region that requests are signed for.</summary>
    public string Region { get; init; } = "us-east-1";

    /// <summary>A file with the key and its secret, as AWS's tools write it; empty to take them from the
    /// environment.</summary>
    public string Credentials { get; init; } = "";

    /// <summary>Time within which a call that fails is repeated, seconds.</summary>
    public int DeadlineSeconds { get; init; } = 30;

    /// <summary>One line for each invalid setting.</summary>
    /// <param name="section">Where these settings are.</param>
    public IEnumerable<string> FindFaults(SettingSection section)
    {
        if (Endpoint.Length == 0 != (Bucket.Length == 0))
            yield return $"{section.KeyOf(nameof(Endpoint))} and {section.KeyOf(nameof(Bucket))} belong together: set "
                + "both, or none to use a folder";
        if (Endpoint.Length != 0 && !IsService(Endpoint))
            yield return $"{section.KeyOf(nameof(Endpoint))} is not the address of a service: '{Endpoint}': use "
                + "https://HOST or https://HOST:PORT, without the bucket";
        if (Bucket.Length != 0 && !BucketName().IsMatch(Bucket))
            yield return $"{section.KeyOf(nameof(Bucket))} is not the name of a bucket: '{Bucket}': use 3 to 63 lower-"
                + "case letters, digits, dots and hyphens";
        if (Prefix.Length != 0 && !FolderName().IsMatch(Prefix))
            yield return $"{section.KeyOf(nameof(Prefix))} is not a folder: '{Prefix}': use letters, digits, '-', '_' "
                + "and single slashes";
        if (Region.Length == 0)
            yield return $"{section.KeyOf(nameof(Region))} is empty: leave it out for its default";
        if (Credentials.Length != 0 && !File.Exists(Credentials))
            yield return $"{section.KeyOf(nameof(Credentials))} names a file that does not exist: '{Credentials}'";
        foreach (var fault in section.CheckRange(DeadlineSeconds, 1, 600)) yield return fault;
    }

    private static bool IsService(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https")
        && url.PathAndQuery == "/" && url.UserInfo.Length == 0 && url.Fragment.Length == 0;

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    private static partial Regex BucketName();

    [GeneratedRegex("^/?[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*/?$")]
    private static partial Regex FolderName();
}
