namespace ChunkOta;

/// <summary>Every stable error code. Scripts and other programs depend on them: a code is never renamed.</summary>
/// <remarks>Protos/Contract/Errors maps each to an exit code and a gRPC status; docs/errors.md lists all.</remarks>
public static class ErrorCodes
{
    /// <summary>A signature is wrong or out of order, or no key of the required role signed.</summary>
    public const string SigInvalid = "SIG_INVALID";

    /// <summary>Fewer distinct keys of the role signed than the trust root requires.</summary>
    public const string Threshold = "THRESHOLD";

    /// <summary>A document has more than 16 signatures.</summary>
    public const string TooManySigs = "TOO_MANY_SIGS";

    /// <summary>A trust root is not the pinned one, or does not follow the current one.</summary>
    public const string RootChain = "ROOT_CHAIN";

    /// <summary>A trust root violates a rule of its format.</summary>
    public const string RootInvalid = "ROOT_INVALID";

    /// <summary>The newest trust root has expired: nothing new is installed until its publisher renews it.</summary>
    public const string RootExpired = "ROOT_EXPIRED";

    /// <summary>A manifest or recipe violates a rule of its format.</summary>
    public const string ManifestInvalid = "MANIFEST_INVALID";

    /// <summary>A channel pointer violates a rule of its format.</summary>
    public const string PointerInvalid = "POINTER_INVALID";

    /// <summary>The channel pointer has expired: installed releases keep running, nothing new is installed.</summary>
    public const string Expired = "EXPIRED";

    /// <summary>A document was issued more than ten minutes ahead of a clock: one of the two clocks is wrong.</summary>
    public const string IssuedAhead = "ISSUED_AHEAD";

    /// <summary>The server offered something older than this device accepted before.</summary>
    public const string Rollback = "ROLLBACK";

    /// <summary>Two different documents have the same number.</summary>
    public const string Equivocation = "EQUIVOCATION";

    /// <summary>The publisher revoked the release.</summary>
    public const string Revoked = "REVOKED";

    /// <summary>A correctly signed document is for another product, channel or platform.</summary>
    public const string WrongTarget = "WRONG_TARGET";

    /// <summary>Content does not match its digest.</summary>
    public const string DigestMismatch = "DIGEST_MISMATCH";

    /// <summary>Something is longer than its limit or its signed length.</summary>
    public const string TooLarge = "TOO_LARGE";

    /// <summary>A path of a release is absolute.</summary>
    public const string PathAbsolute = "PATH_ABSOLUTE";

    /// <summary>A path of a release has a component "." or "..".</summary>
    public const string PathDotdot = "PATH_DOTDOT";

    /// <summary>A path of a release is empty or has an empty component.</summary>
    public const string PathEmpty = "PATH_EMPTY";

    /// <summary>A path or link target has a refused character: control, bidirectional, zero-width or not
    /// UTF-8.</summary>
    public const string PathChars = "PATH_CHARS";

    /// <summary>A path, component or link target is too long or too deep.</summary>
    public const string PathLong = "PATH_LONG";

    /// <summary>A release has more entries than the limit.</summary>
    public const string PathMany = "PATH_MANY";

    /// <summary>Two entries of a release have the same path.</summary>
    public const string PathDuplicate = "PATH_DUPLICATE";

    /// <summary>A path is used both as a file (or empty directory) and as a directory with entries.</summary>
    public const string PathConflict = "PATH_CONFLICT";

    /// <summary>Two paths differ only in case or in Unicode composition.</summary>
    public const string PathCollision = "PATH_COLLISION";

    /// <summary>Some operating system cannot create the path, or not under this name.</summary>
    public const string PathNotPortable = "PATH_NOT_PORTABLE";

    /// <summary>A component of a path begins with ".chunkota".</summary>
    public const string PathReserved = "PATH_RESERVED";

    /// <summary>A symbolic link points to an absolute path.</summary>
    public const string LinkAbsolute = "LINK_ABSOLUTE";

    /// <summary>A symbolic link points outside the release.</summary>
    public const string LinkEscape = "LINK_ESCAPE";

    /// <summary>A symbolic link leads back to itself, or through more than 40 links.</summary>
    public const string LinkLoop = "LINK_LOOP";

    /// <summary>A path of a release passes through a symbolic link.</summary>
    public const string LinkParent = "LINK_PARENT";

    /// <summary>A symbolic link points to nothing in the release.</summary>
    public const string LinkDangling = "LINK_DANGLING";

    /// <summary>An entry is neither a file, a directory nor a symbolic link.</summary>
    public const string TypeUnknown = "TYPE_UNKNOWN";

    /// <summary>A file has a setuid, setgid or sticky bit.</summary>
    public const string ModeRefused = "MODE_REFUSED";

    /// <summary>A chunk's bytes do not match its digest.</summary>
    public const string ChunkHash = "CHUNK_HASH";

    /// <summary>A chunk of a release is missing from the store.</summary>
    public const string ChunkMissing = "CHUNK_MISSING";

    /// <summary>A delta is damaged or does not produce the signed file; the file is downloaded as chunks.</summary>
    public const string DeltaBad = "DELTA_BAD";

    /// <summary>The server has no such delta to this release; chunks are always available.</summary>
    public const string DeltaUnknown = "DELTA_UNKNOWN";

    /// <summary>A frame of chunks violates a rule of its format.</summary>
    public const string FrameInvalid = "FRAME_INVALID";

    /// <summary>Decompressed data would be longer, or need more memory, than allowed.</summary>
    public const string DecompressLimit = "DECOMPRESS_LIMIT";

    /// <summary>A rebuilt file does not match its signed digest.</summary>
    public const string FileHash = "FILE_HASH";

    /// <summary>The server has no such product.</summary>
    public const string ProductUnknown = "PRODUCT_UNKNOWN";

    /// <summary>The product exists with another trust root.</summary>
    public const string ProductTaken = "PRODUCT_TAKEN";

    /// <summary>The product has no such channel for this platform.</summary>
    public const string ChannelUnknown = "CHANNEL_UNKNOWN";

    /// <summary>The product has no release for this platform.</summary>
    public const string PlatformUnknown = "PLATFORM_UNKNOWN";

    /// <summary>The product has no such version for this platform.</summary>
    public const string VersionUnknown = "VERSION_UNKNOWN";

    /// <summary>A version is not SemVer 2, or has more than 128 characters.</summary>
    public const string VersionInvalid = "VERSION_INVALID";

    /// <summary>Something else has the name of this version: other content, or a folder on the device.</summary>
    public const string VersionTaken = "VERSION_TAKEN";

    /// <summary>The version is not greater than every other version of the channel.</summary>
    public const string VersionNotGreater = "VERSION_NOT_GREATER";

    /// <summary>Another publish took the release counter first.</summary>
    public const string CounterTaken = "COUNTER_TAKEN";

    /// <summary>Another publish took the pointer's sequence number first.</summary>
    public const string SeqTaken = "SEQ_TAKEN";

    /// <summary>The channel's current release has a higher counter: devices would refuse this one as a
    /// rollback.</summary>
    public const string CounterLower = "COUNTER_LOWER";

    /// <summary>The server has no such release.</summary>
    public const string ReleaseUnknown = "RELEASE_UNKNOWN";

    /// <summary>A manifest names chunks or recipes that the store lacks.</summary>
    public const string ReleaseIncomplete = "RELEASE_INCOMPLETE";

    /// <summary>The release has no files.</summary>
    public const string ReleaseEmpty = "RELEASE_EMPTY";

    /// <summary>The release has less than half the files or bytes of the channel's current one; before the channel's
    /// first, of the platform's newest.</summary>
    public const string ReleaseShrunk = "RELEASE_SHRUNK";

    /// <summary>A call names an entry or chunk that the release does not have.</summary>
    public const string EntryInvalid = "ENTRY_INVALID";

    /// <summary>The publish does not exist, or its lease ended.</summary>
    public const string PublishUnknown = "PUBLISH_UNKNOWN";

    /// <summary>Something still uses it: a channel points to the release, or devices follow the channel.</summary>
    public const string InUse = "IN_USE";

    /// <summary>The forecast exceeds a limit of --fail-if; nothing was published.</summary>
    public const string ForecastExceeded = "FORECAST_EXCEEDED";

    /// <summary>A name does not have the form [a-z0-9][a-z0-9._-]{0,63}.</summary>
    public const string NameInvalid = "NAME_INVALID";

    /// <summary>The product is installed for another platform, and a home holds one platform of a product.</summary>
    public const string PlatformMismatch = "PLATFORM_MISMATCH";

    /// <summary>A token is unknown, wrong, used up or damaged.</summary>
    public const string TokenInvalid = "TOKEN_INVALID";

    /// <summary>A token has expired.</summary>
    public const string TokenExpired = "TOKEN_EXPIRED";

    /// <summary>The server has no token with this id.</summary>
    public const string TokenUnknown = "TOKEN_UNKNOWN";

    /// <summary>Without this token, nobody could administer the server.</summary>
    public const string LastAdminToken = "LAST_ADMIN_TOKEN";

    /// <summary>The token or device has no right to do this.</summary>
    public const string NotAllowed = "NOT_ALLOWED";

    /// <summary>The server does not know this device, or its signature is wrong.</summary>
    public const string DeviceUnknown = "DEVICE_UNKNOWN";

    /// <summary>The device's clock differs from the server's by more than 120 s.</summary>
    public const string ClockSkew = "CLOCK_SKEW";

    /// <summary>A signed call was received a second time.</summary>
    public const string Replay = "REPLAY";

    /// <summary>A call or request is malformed, too new for the server, or unknown to it.</summary>
    public const string CallInvalid = "CALL_INVALID";

    /// <summary>The address of the caller sent too many wrong tokens or signatures.</summary>
    public const string RateLimited = "RATE_LIMITED";

    /// <summary>The caller asks for more than the server can give at present; it says when to ask again.</summary>
    public const string Throttled = "THROTTLED";

    /// <summary>The server cannot be reached, or could not answer.</summary>
    public const string ServerUnavailable = "SERVER_UNAVAILABLE";

    /// <summary>The server's certificate is not trusted.</summary>
    public const string TlsRefused = "TLS_REFUSED";

    /// <summary>An http:// address does not belong to this machine.</summary>
    public const string PlaintextRefused = "PLAINTEXT_REFUSED";

    /// <summary>The server sends too slowly.</summary>
    public const string TooSlow = "TOO_SLOW";

    /// <summary>A wait reached its time limit.</summary>
    public const string TimedOut = "TIMED_OUT";

    /// <summary>The server's disk or quota is full.</summary>
    public const string StoreFull = "STORE_FULL";

    /// <summary>The product would have more bytes on the server than its quota allows.</summary>
    public const string QuotaExceeded = "QUOTA_EXCEEDED";

    /// <summary>The server's object store or catalogue failed.</summary>
    public const string StoreUnavailable = "STORE_UNAVAILABLE";

    /// <summary>The server was restored from a backup and may lack what devices have seen.</summary>
    public const string ServerBehind = "SERVER_BEHIND";

    /// <summary>An object in the server's store is damaged.</summary>
    public const string ObjectDamaged = "OBJECT_DAMAGED";

    /// <summary>The disk of this machine is full.</summary>
    public const string DiskFull = "DISK_FULL";

    /// <summary>A disk of this machine failed, or refused an operation.</summary>
    public const string IoError = "IO_ERROR";

    /// <summary>Another run holds the lock.</summary>
    public const string Busy = "BUSY";

    /// <summary>The product is not installed on this machine.</summary>
    public const string NotInstalled = "NOT_INSTALLED";

    /// <summary>No previous release is installed.</summary>
    public const string NothingToRevert = "NOTHING_TO_REVERT";

    /// <summary>A new release did not prove that it works: the release before it is current again, and this one is not
    /// installed again by itself.</summary>
    public const string HealthFailed = "HEALTH_FAILED";

    /// <summary>A program that this device runs before an update failed: nothing has changed.</summary>
    public const string HookFailed = "HOOK_FAILED";

    /// <summary>Installed files differ from the signed manifest.</summary>
    public const string NotAsInstalled = "NOT_AS_INSTALLED";

    /// <summary>A release cannot be written to a slot: it is not a single file, or does not fit.</summary>
    public const string ImageUnfit = "IMAGE_UNFIT";

    /// <summary>Neither slot holds an image that a trusted key has signed and that can be started.</summary>
    public const string SlotUnverified = "SLOT_UNVERIFIED";

    /// <summary>A setting is unknown or has an invalid value.</summary>
    public const string ConfigInvalid = "CONFIG_INVALID";

    /// <summary>The command line is wrong.</summary>
    public const string Usage = "USAGE";

    /// <summary>A defect in this product.</summary>
    public const string Internal = "INTERNAL";

    /// <summary>A signal stopped the run.</summary>
    public const string Interrupted = "INTERRUPTED";

    /// <summary>A key file does not hold a valid key of the required role.</summary>
    public const string KeyInvalid = "KEY_INVALID";

    /// <summary>Other users of this machine can read a secret file.</summary>
    public const string KeyExposed = "KEY_EXPOSED";

    /// <summary>A key is encrypted, and its passphrase is missing or wrong.</summary>
    public const string KeyLocked = "KEY_LOCKED";

    /// <summary>The last pointer of a channel is of a key that the trust root no longer lists, and what it demands was
    /// neither kept nor dropped.</summary>
    public const string KeyRemoved = "KEY_REMOVED";

    /// <summary>A native library that this product needs is not installed.</summary>
    public const string SystemLibraryMissing = "SYSTEM_LIBRARY_MISSING";
}
