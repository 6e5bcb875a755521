using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>The settings of a server whose objects, or a second copy of them, are in a bucket.</summary>
internal static class BucketSettings
{
    /// <summary>The settings of backups in the same bucket, with the credentials that <see cref="Of"/> wrote.</summary>
    public static string[] OfBackups(Uri endpoint, string bucket, string credentials) =>
    [
        $"Backup:S3:Endpoint={endpoint}", $"Backup:S3:Bucket={bucket}", "Backup:S3:Prefix=backups",
        $"Backup:S3:Credentials={credentials}",
    ];

    /// <summary>Writes the credentials file and returns the settings.</summary>
    public static string[] Of(Uri endpoint, string bucket, string credentials, string section = "Objects")
    {
        File.WriteAllText(
            credentials,
            $"[default]\naws_access_key_id = {Radosgw.AccessKey}\naws_secret_access_key = {Radosgw.SecretKey}\n");
        return
        [
            $"{section}:S3:Endpoint={endpoint}", $"{section}:S3:Bucket={bucket}", $"{section}:S3:Prefix=site-a",
            $"{section}:S3:Credentials={credentials}", $"{section}:S3:DeadlineSeconds=2",
        ];
    }
}
