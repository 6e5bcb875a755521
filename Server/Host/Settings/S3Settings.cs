using System.Text.RegularExpressions;

namespace ChunkOta.Server;

/// <summary>A bucket of an S3 service.</summary>
internal sealed partial record S3Settings
{
    private static readonly SettingSection Section =
        new($"{nameof(ServerSettings.Objects)}:{nameof(ObjectSettings.S3)}");

    /// <summary>The address of the service, without the bucket.</summary>
    public string Endpoint { get; init; } = "";

    /// <summary>The bucket; empty to keep objects in the data folder.</summary>
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

    /// <summary>The key of <see cref="Credentials"/>, for messages.</summary>
    public static string CredentialsKey => Section.KeyOf(nameof(Credentials));

    public IEnumerable<string> FindFaults()
    {
        if (Endpoint.Length == 0 != (Bucket.Length == 0))
            yield return $"{Section.KeyOf(nameof(Endpoint))} and {Section.KeyOf(nameof(Bucket))} belong together: set "
                + "both, or none to keep objects in the data folder";
        if (Endpoint.Length != 0 && !IsService(Endpoint))
            yield return $"{Section.KeyOf(nameof(Endpoint))} is not the address of a service: '{Endpoint}': use "
                + "https://HOST or https://HOST:PORT, without the bucket";
        if (Bucket.Length != 0 && !BucketName().IsMatch(Bucket))
            yield return $"{Section.KeyOf(nameof(Bucket))} is not the name of a bucket: '{Bucket}': use 3 to 63 lower-"
                + "case letters, digits, dots and hyphens";
        if (Prefix.Length != 0 && !FolderName().IsMatch(Prefix))
            yield return $"{Section.KeyOf(nameof(Prefix))} is not a folder: '{Prefix}': use letters, digits, '-', '_' "
                + "and single slashes";
        if (Region.Length == 0)
            yield return $"{Section.KeyOf(nameof(Region))} is empty: leave it out for its default";
        if (Credentials.Length != 0 && !File.Exists(Credentials))
            yield return $"{CredentialsKey} names a file that does not exist: '{Credentials}'";
        foreach (var fault in Section.CheckRange(DeadlineSeconds, 1, 600)) yield return fault;
    }

    private static bool IsService(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https")
        && url.PathAndQuery == "/" && url.UserInfo.Length == 0 && url.Fragment.Length == 0;

    [GeneratedRegex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    private static partial Regex BucketName();

    [GeneratedRegex("^/?[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*/?$")]
    private static partial Regex FolderName();
}
