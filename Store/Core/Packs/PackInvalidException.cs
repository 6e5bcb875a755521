namespace ChunkOta.Storage;

/// <summary>A pack is torn, damaged or of a format that this program does not know.</summary>
/// <param name="message">What is wrong, and where.</param>
internal sealed class PackInvalidException(string message) : ObjectDamagedException(message);
