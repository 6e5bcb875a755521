namespace ChunkOta.Storage;

/// <summary>The objects belong to another catalogue, and a collection would delete them.</summary>
internal sealed class ObjectsForeignException() : StoreFailedException(
    ErrorCodes.ConfigInvalid,
    "the server's objects belong to another catalogue: ask its operator to read the server's log", null);
