using System.Net;
using System.Net.Sockets;
using System.Xml;
using Amazon.Runtime;

namespace ChunkOta.Storage.S3;

/// <summary>Tells transient failures from permanent ones, and turns both into the store's exceptions.</summary>
internal static class S3Failures
{
    /// <summary>Answers of the class 4xx after which the same request may succeed: the service is too busy, or the
    /// bytes were changed or cut on their way.</summary>
    private static readonly string[] PassingCodes =
    [
        "SlowDown", "RequestTimeout", "OperationAborted", "BadDigest", "IncompleteBody",
        "XAmzContentSHA256Mismatch", "TooManyRequests",
    ];

    /// <summary>Ceph, MinIO and others have quotas; each has its own code.</summary>
    private static readonly string[] FullCodes =
        ["QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage"];

    /// <summary>True for an exception of a call that the service, the network or a time limit ended.</summary>
    internal static bool IsOfService(Exception failure) => failure is AmazonServiceException or AmazonClientException
        or HttpRequestException or IOException or SocketException or OperationCanceledException or XmlException;

    /// <summary>True if the same call may succeed soon.</summary>
    internal static bool IsPassing(Exception failure)
    {
        if (!IsOfService(failure)) return false;
        if (failure is not AmazonServiceException answer || answer is AmazonUnmarshallingException) return true;
        return !IsFull(answer) && (int)answer.StatusCode is var status
            && (PassingCodes.Contains(answer.ErrorCode)
                || status is 408 or 429
                || (status is < 300 or >= 500 && status != (int)HttpStatusCode.NotImplemented));
    }

    /// <summary>True if nobody knows whether the call was carried out, or still will be: there was no answer, or a
    /// proxy or a failed service gave it.</summary>
    internal static bool IsWithoutAnswer(Exception failure) => IsOfService(failure)
        && (failure is not AmazonServiceException answer || answer is AmazonUnmarshallingException
            || (int)answer.StatusCode is not ((>= 400 and < 500) or (int)HttpStatusCode.ServiceUnavailable));

    /// <summary>True for an answer with this code.</summary>
    internal static bool Is(AmazonServiceException answer, string code) =>
        string.Equals(answer.ErrorCode, code, StringComparison.Ordinal);

    /// <summary>The failure as the store reports it.</summary>
    internal static StoreFailedException Describe(Exception failure, S3Bucket bucket)
    {
        var reason = failure switch
        {
            AmazonServiceException { ErrorCode.Length: > 0 } answer => $"{answer.ErrorCode}: {answer.Message}",
            OperationCanceledException => "it did not answer in time",
            _ => failure.Message,
        };
        return failure is AmazonServiceException full && IsFull(full)
            ? new StoreFullException(failure)
            {
                OperatorDetail = $"the bucket {bucket} is full: {reason}: raise its quota or delete other data",
            }
            : new StoreUnavailableException(
                "the server's object store failed: ask its operator to read the server's log", failure)
            {
                OperatorDetail = $"the bucket {bucket} failed: {reason}: check the service and the Objects:S3 settings",
            };
    }

    private static bool IsFull(AmazonServiceException answer) =>
        FullCodes.Contains(answer.ErrorCode) || answer.StatusCode == HttpStatusCode.InsufficientStorage;
}
