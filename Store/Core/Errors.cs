using ChunkOta.Durable;

namespace ChunkOta.Storage;

/// <summary>The server's store failed. The message is for the caller, who cannot repair the store and must not learn
/// its paths; <see cref="OperatorDetail"/> is for the server's log.</summary>
/// <param name="code">The stable code.</param>
/// <param name="message">What failed, without paths of the server.</param>
/// <param name="innerException">The cause.</param>
public abstract class StoreFailedException(string code, string message, Exception? innerException)
    : ChunkOtaException(code, message, innerException)
{
    /// <summary>
    /// The detail for the operator: what failed, where, what to do. Empty when the message says it all.
    /// </summary>
    public string OperatorDetail { get; init; } = "";
}

/// <summary>The disk of the object store or of the catalogue is full.</summary>
/// <param name="innerException">The cause.</param>
public sealed class StoreFullException(Exception? innerException = null) : StoreFailedException(
    ErrorCodes.StoreFull, "the server's store is full: ask its operator to free space", innerException)
{
    /// <summary>Tells the operator which disk is full, and how many bytes of it are free.</summary>
    /// <param name="path">A path on that disk.</param>
    /// <param name="innerException">The cause.</param>
    public static StoreFullException Of(string path, Exception innerException) =>
        new(innerException)
        {
            OperatorDetail = $"the disk of {path} is full, {DescribeFree(path)}: free space or move the data folder",
        };

    /// <summary>The folder of a path: the path itself may be a temporary file that is gone by now.</summary>
    private static string FolderOf(string path) =>
        Path.GetDirectoryName(path) is { Length: > 0 } folder ? folder : path;

    private static string DescribeFree(string path)
    {
        try
        {
            return $"{SizeText.Of(Fs.FreeBytes(FolderOf(path)))} are free";
        }
        catch (FileSystemException e)
        {
            return $"free space is unknown ({e.Code})";
        }
    }
}

/// <summary>The store cannot answer.</summary>
/// <param name="message">What failed, and what to do.</param>
/// <param name="innerException">The cause.</param>
public class StoreUnavailableException(string message, Exception? innerException = null)
    : StoreFailedException(ErrorCodes.StoreUnavailable, message, innerException);
