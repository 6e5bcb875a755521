namespace ChunkOta.Storage;

/// <summary>A pack is torn, damaged or of a format that this program does not know.</summary>
/// <param name="detail">What is wrong, and where.</param>
internal sealed class PackInvalidException(string detail) : ObjectDamagedException(detail);
