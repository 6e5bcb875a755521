namespace ChunkOta.Durable;

/// <summary>Removes directories with everything in them; the only code of the product that does.</summary>
/// <remarks>
/// A removal goes from descriptor to descriptor and never leaves the tree: it follows no link, not even one that is put
/// there meanwhile, and crosses no mount, not even one of the same file system. It makes its own directories writable
/// as far as it needs to. What cannot be removed (a mount, an immutable file, another user's file) stays, with the
/// directories above it, and everything else goes. It holds three descriptors at most, however deep the tree is.
/// </remarks>
public static partial class TreeRemoval
{
    /// <summary>Removes a directory and everything in it, as far as that is possible.</summary>
    /// <param name="path">Its path; the directory that it is in must not be a link.</param>
    /// <exception cref="FileSystemException">The name is of a link or a file, which stays
    /// (<see cref="FileProblem.NotDirectory"/>), or the disk failed or is read-only.</exception>
    public static partial RemovalOutcome Remove(string path);
}
