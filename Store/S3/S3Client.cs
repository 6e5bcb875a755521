using System.Net;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;

namespace ChunkOta.Storage.S3;

/// <summary>Opens the library's client so that nothing but the settings decides what it does.</summary>
internal static class S3Client
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(5);

    /// <summary>A client whose calls are attempts: repeating is the caller's.</summary>
    internal static AmazonS3Client Open(S3Bucket bucket) => new(
        bucket.Credentials.SessionToken is { } token
            ? new SessionAWSCredentials(bucket.Credentials.AccessKeyId, bucket.Credentials.SecretAccessKey, token)
            : new BasicAWSCredentials(bucket.Credentials.AccessKeyId, bucket.Credentials.SecretAccessKey),
        new AmazonS3Config
        {
            ServiceURL = bucket.Endpoint.AbsoluteUri,
            AuthenticationRegion = bucket.Region,
            ForcePathStyle = true,
            // Services other than AWS's own refuse the newer checksums; Content-MD5 is known to all of them.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            MaxErrorRetry = 0,
            MaxStaleConnectionRetries = 0,
            HttpClientFactory = new DirectHttp(),
        });

    /// <summary>The header by which the service refuses bytes that were changed on their way.</summary>
#pragma warning disable CA5351 // Not against an attacker: every object has a BLAKE3 name, and TLS protects its way.
    internal static byte[] Md5Of(ReadOnlyMemory<byte> content) => MD5.HashData(content.Span);

    /// <summary>The entity tag that the service gives to an object of these parts.</summary>
    internal static string TagOf(IReadOnlyList<byte[]> parts) =>
        $"\"{Convert.ToHexStringLower(MD5.HashData([.. parts.SelectMany(part => part)]))}-{parts.Count}\"";
#pragma warning restore CA5351

    /// <summary>Connections with a limit, and no proxy of the environment: a bucket is reached as the settings
    /// say.</summary>
    private sealed class DirectHttp : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(new SentOnce(
            new SocketsHttpHandler
            {
                ConnectTimeout = ConnectLimit,
                PooledConnectionLifetime = TimeSpan.FromMinutes(10),
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.None,
                UseCookies = false,
                UseProxy = false,
            }))
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Keeps connections from repeating a deletion by themselves when its answer is lost: they repeat no
    /// request with content, even if that is empty.</summary>
    private sealed class SentOnce(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Delete) request.Content ??= new ByteArrayContent([]);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
