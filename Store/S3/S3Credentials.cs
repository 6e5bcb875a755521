namespace ChunkOta.Storage.S3;

/// <summary>The key pair that signs the requests to a bucket.</summary>
/// <param name="AccessKeyId">Names the key; not a secret.</param>
/// <param name="SecretAccessKey">The secret.</param>
/// <param name="SessionToken">Of temporary credentials; null for others.</param>
public sealed record S3Credentials(string AccessKeyId, string SecretAccessKey, string? SessionToken)
{
    private const string KeyName = "aws_access_key_id";
    private const string SecretName = "aws_secret_access_key";
    private const string TokenName = "aws_session_token";

    /// <summary>Reads the first profile of a credentials file as AWS's tools write it: <c>[default]</c> and lines of
    /// <c>name = value</c>.</summary>
    /// <returns>Null when the key or its secret is missing.</returns>
    public static S3Credentials? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
        {
            if (line.StartsWith('[') && values.Count > 0)
                break;
            if (line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals && line[0] is not ('#' or ';'))
                values[line[..equals].TrimEnd()] = line[(equals + 1)..].TrimStart();
        }

        return Find(values.GetValueOrDefault);
    }

    /// <summary>Reads <c>AWS_ACCESS_KEY_ID</c>, <c>AWS_SECRET_ACCESS_KEY</c> and <c>AWS_SESSION_TOKEN</c> from the
    /// environment.</summary>
    /// <returns>Null when the key or its secret is missing.</returns>
    public static S3Credentials? FindInEnvironment() =>
        Find(name => Environment.GetEnvironmentVariable(name.ToUpperInvariant()));

    /// <summary>The key's name; the secret never reaches a log.</summary>
    public override string ToString() => AccessKeyId;

    private static S3Credentials? Find(Func<string, string?> valueOf) =>
        valueOf(KeyName) is { Length: > 0 } key && valueOf(SecretName) is { Length: > 0 } secret
            ? new S3Credentials(key, secret, valueOf(TokenName) is { Length: > 0 } token ? token : null)
            : null;
}
