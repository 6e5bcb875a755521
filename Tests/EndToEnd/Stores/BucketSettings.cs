using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>The settings of a server whose objects are in a bucket.</summary>
internal static class BucketSettings
{
    /// <summary>Writes the credentials file and returns the settings.</summary>
    public static string[] Of(Uri endpoint, string bucket, string credentials)
    {
        File.WriteAllText(
            credentials,
            $"[default]\naws_access_key_id = {Radosgw.AccessKey}\naws_secret_access_key = {Radosgw.SecretKey}\n");
        return
        [
            $"Objects:S3:Endpoint={endpoint}", $"Objects:S3:Bucket={bucket}", "Objects:S3:Prefix=site-a",
            $"Objects:S3:Credentials={credentials}", "Objects:S3:DeadlineSeconds=2",
        ];
    }
}
