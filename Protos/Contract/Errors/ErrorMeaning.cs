using System.Collections.Frozen;
using Grpc.Core;

namespace ChunkOta.Protos;

/// <summary>The meaning of a stable code: exit code, gRPC status, attack, whether a retry may help.</summary>
/// <param name="Code">One of <see cref="ErrorCodes"/>.</param>
/// <param name="ExitCode">What a command that fails with it exits with.</param>
/// <param name="Status">What a gRPC call that fails with it ends with.</param>
/// <param name="Attack">The attack that it may be a sign of, or null. It never changes what is installed or
/// trusted.</param>
/// <param name="IsRetryable">True if the same request may succeed soon: transfers repeat it by themselves.</param>
/// <param name="Hint">What the user can do about it, or null.</param>
public sealed record ErrorMeaning(
    string Code, int ExitCode, StatusCode Status, string? Attack = null, bool IsRetryable = false, string? Hint = null)
{
    /// <summary>Every code, in the order of <see cref="ErrorCodes"/>.</summary>
    public static IReadOnlyList<ErrorMeaning> All { get; } =
    [
        new(ErrorCodes.SigInvalid, 4, StatusCode.FailedPrecondition, "arbitrary-software"),
        new(ErrorCodes.Threshold, 4, StatusCode.FailedPrecondition, "arbitrary-software"),
        new(ErrorCodes.TooManySigs, 4, StatusCode.FailedPrecondition, "endless-data"),
        new(ErrorCodes.RootChain, 4, StatusCode.FailedPrecondition, "arbitrary-software"),
        new(ErrorCodes.RootInvalid, 4, StatusCode.FailedPrecondition),
        new(ErrorCodes.RootExpired, 3, StatusCode.FailedPrecondition, "freeze",
            Hint: "its publisher must renew it: ota-admin keys renew, then ota-admin products root"),
        new(ErrorCodes.ManifestInvalid, 4, StatusCode.FailedPrecondition),
        new(ErrorCodes.PointerInvalid, 4, StatusCode.FailedPrecondition),
        new(ErrorCodes.Expired, 3, StatusCode.FailedPrecondition, "freeze",
            Hint: "its publisher must renew it: ota-admin channels renew"),
        new(ErrorCodes.IssuedAhead, 4, StatusCode.FailedPrecondition, "fast-forward",
            Hint: "set the clock of the machine that is wrong; what was signed by a wrong clock must be signed again"),
        new(ErrorCodes.Rollback, 4, StatusCode.FailedPrecondition, "rollback"),
        new(ErrorCodes.Equivocation, 4, StatusCode.FailedPrecondition, "equivocation"),
        new(ErrorCodes.Revoked, 4, StatusCode.FailedPrecondition),
        new(ErrorCodes.WrongTarget, 4, StatusCode.FailedPrecondition, "wrong-software"),
        new(ErrorCodes.DigestMismatch, 4, StatusCode.FailedPrecondition, "mix-and-match"),
        new(ErrorCodes.TooLarge, 4, StatusCode.ResourceExhausted, "endless-data"),
        new(ErrorCodes.PathAbsolute, 2, StatusCode.InvalidArgument, "path-traversal"),
        new(ErrorCodes.PathDotdot, 2, StatusCode.InvalidArgument, "path-traversal"),
        new(ErrorCodes.PathEmpty, 2, StatusCode.InvalidArgument),
        new(ErrorCodes.PathChars, 2, StatusCode.InvalidArgument, "path-traversal",
            Hint: "rename it"),
        new(ErrorCodes.PathLong, 2, StatusCode.InvalidArgument,
            Hint: "shorten it, or publish a folder below it"),
        new(ErrorCodes.PathMany, 2, StatusCode.InvalidArgument, "endless-data"),
        new(ErrorCodes.PathDuplicate, 2, StatusCode.InvalidArgument),
        new(ErrorCodes.PathConflict, 2, StatusCode.InvalidArgument),
        new(ErrorCodes.PathCollision, 2, StatusCode.InvalidArgument, "path-traversal",
            Hint: "rename one, or publish with --portable off"),
        new(ErrorCodes.PathNotPortable, 2, StatusCode.InvalidArgument,
            Hint: "rename it, or publish with --portable off"),
        new(ErrorCodes.PathReserved, 2, StatusCode.InvalidArgument,
            Hint: "rename it"),
        new(ErrorCodes.LinkAbsolute, 2, StatusCode.InvalidArgument, "path-traversal",
            Hint: "publish with --links keep to store it as it is"),
        new(ErrorCodes.LinkEscape, 2, StatusCode.InvalidArgument, "path-traversal",
            Hint: "publish with --links keep to store it as it is"),
        new(ErrorCodes.LinkLoop, 2, StatusCode.InvalidArgument,
            Hint: "correct the link, or publish with --links keep to store it as it is"),
        new(ErrorCodes.LinkParent, 2, StatusCode.InvalidArgument, "path-traversal"),
        new(ErrorCodes.LinkDangling, 2, StatusCode.InvalidArgument,
            Hint: "publish with --links keep to store it as it is"),
        new(ErrorCodes.TypeUnknown, 2, StatusCode.InvalidArgument,
            Hint: "remove it, or leave it out: publish --exclude, or .otaignore"),
        new(ErrorCodes.ModeRefused, 2, StatusCode.InvalidArgument),
        new(ErrorCodes.ChunkHash, 4, StatusCode.FailedPrecondition, "arbitrary-software", IsRetryable: true),
        new(ErrorCodes.ChunkMissing, 8, StatusCode.NotFound, IsRetryable: true,
            Hint: "the server's operator must restore the pack that holds it"),
        new(ErrorCodes.DeltaBad, 4, StatusCode.FailedPrecondition),
        new(ErrorCodes.DeltaUnknown, 6, StatusCode.NotFound),
        new(ErrorCodes.FrameInvalid, 4, StatusCode.InvalidArgument),
        new(ErrorCodes.DecompressLimit, 4, StatusCode.InvalidArgument, "endless-data"),
        new(ErrorCodes.FileHash, 4, StatusCode.FailedPrecondition, "arbitrary-software"),
        new(ErrorCodes.ProductUnknown, 6, StatusCode.NotFound),
        new(ErrorCodes.ProductTaken, 7, StatusCode.AlreadyExists),
        new(ErrorCodes.ChannelUnknown, 6, StatusCode.NotFound,
            Hint: "ota-admin channels lists them; publish --create-channel creates one; ota-agent upgrade --channel "
                + "follows another one"),
        new(ErrorCodes.PlatformUnknown, 6, StatusCode.NotFound,
            Hint: "ota-admin releases lists them; publish --new-platform adds one"),
        new(ErrorCodes.VersionUnknown, 6, StatusCode.NotFound),
        new(ErrorCodes.VersionInvalid, 2, StatusCode.InvalidArgument),
        new(ErrorCodes.VersionTaken, 7, StatusCode.AlreadyExists),
        new(ErrorCodes.VersionNotGreater, 7, StatusCode.FailedPrecondition,
            Hint: "publish a greater version, or new content with --allow-older; to go back to old content use "
                + "ota-admin rerelease"),
        new(ErrorCodes.CounterTaken, 7, StatusCode.Aborted, IsRetryable: true),
        new(ErrorCodes.SeqTaken, 7, StatusCode.Aborted, IsRetryable: true),
        new(ErrorCodes.CounterLower, 7, StatusCode.FailedPrecondition,
            Hint: "ota-admin rerelease publishes old content as a new release"),
        new(ErrorCodes.ReleaseUnknown, 6, StatusCode.NotFound),
        new(ErrorCodes.ReleaseIncomplete, 8, StatusCode.FailedPrecondition, IsRetryable: true,
            Hint: "publish again: only what is missing is sent"),
        new(ErrorCodes.ReleaseEmpty, 7, StatusCode.FailedPrecondition,
            Hint: "check which folder the build filled, or pass --allow-empty"),
        new(ErrorCodes.ReleaseShrunk, 7, StatusCode.FailedPrecondition,
            Hint: "check that the tree is complete, or pass --allow-shrink"),
        new(ErrorCodes.EntryInvalid, 2, StatusCode.InvalidArgument),
        new(ErrorCodes.PublishUnknown, 6, StatusCode.NotFound, IsRetryable: true,
            Hint: "publish again: what was sent is not sent twice"),
        new(ErrorCodes.InUse, 7, StatusCode.FailedPrecondition),
        new(ErrorCodes.ForecastExceeded, 11, StatusCode.FailedPrecondition,
            Hint: "ota-admin publish without --fail-if publishes all the same; ota-admin explain says where the "
                + "bytes go"),
        new(ErrorCodes.NameInvalid, 2, StatusCode.InvalidArgument),
        new(ErrorCodes.PlatformMismatch, 7, StatusCode.FailedPrecondition,
            Hint: "use another --home"),
        new(ErrorCodes.TokenInvalid, 5, StatusCode.Unauthenticated),
        new(ErrorCodes.TokenExpired, 5, StatusCode.Unauthenticated,
            Hint: "ask for a new one: ota-admin tokens create"),
        new(ErrorCodes.TokenUnknown, 6, StatusCode.NotFound),
        new(ErrorCodes.LastAdminToken, 7, StatusCode.FailedPrecondition,
            Hint: "create another one first: ota-admin tokens create --role admin"),
        new(ErrorCodes.NotAllowed, 5, StatusCode.PermissionDenied),
        new(ErrorCodes.DeviceUnknown, 5, StatusCode.Unauthenticated),
        new(ErrorCodes.ClockSkew, 5, StatusCode.Unauthenticated, IsRetryable: true,
            Hint: "set the clock"),
        new(ErrorCodes.Replay, 5, StatusCode.Unauthenticated, "replay"),
        new(ErrorCodes.CallInvalid, 2, StatusCode.InvalidArgument),
        new(ErrorCodes.RateLimited, 8, StatusCode.ResourceExhausted,
            Hint: "check the token or the enrolment, and wait a minute"),
        new(ErrorCodes.ServerUnavailable, 8, StatusCode.Unavailable, IsRetryable: true),
        new(ErrorCodes.TlsRefused, 5, StatusCode.Unauthenticated, "arbitrary-software",
            Hint: "if the server's key or address was changed on purpose, accept it: ota-agent trust, ota-admin login"),
        new(ErrorCodes.PlaintextRefused, 5, StatusCode.InvalidArgument,
            Hint: "use https://, or pass --plaintext"),
        new(ErrorCodes.TooSlow, 8, StatusCode.DeadlineExceeded, "slow-retrieval", IsRetryable: true),
        new(ErrorCodes.TimedOut, 8, StatusCode.DeadlineExceeded, IsRetryable: true),
        new(ErrorCodes.StoreFull, 8, StatusCode.ResourceExhausted),
        new(ErrorCodes.StoreUnavailable, 8, StatusCode.Unavailable, IsRetryable: true),
        new(ErrorCodes.ObjectDamaged, 8, StatusCode.DataLoss,
            Hint: "the server's operator must restore it, or publish its releases again"),
        new(ErrorCodes.DiskFull, 9, StatusCode.ResourceExhausted,
            Hint: "free some space and run it again: what was fetched is kept"),
        new(ErrorCodes.IoError, 9, StatusCode.Internal),
        new(ErrorCodes.Busy, 7, StatusCode.Aborted),
        new(ErrorCodes.NotInstalled, 6, StatusCode.NotFound),
        new(ErrorCodes.NothingToRevert, 6, StatusCode.NotFound),
        new(ErrorCodes.HealthFailed, 12, StatusCode.FailedPrecondition,
            Hint: "a newer release is installed as soon as there is one; ota-agent unhold tries this one again"),
        new(ErrorCodes.HookFailed, 9, StatusCode.FailedPrecondition,
            Hint: "run the program by hand; ota-agent.json names it"),
        new(ErrorCodes.NotAsInstalled, 10, StatusCode.DataLoss,
            Hint: "ota-agent repair restores what differs"),
        new(ErrorCodes.ImageUnfit, 4, StatusCode.FailedPrecondition,
            Hint: "publish one file that fits the smaller slot"),
        new(ErrorCodes.SlotUnverified, 4, StatusCode.DataLoss, "arbitrary-software",
            Hint: "write a signed image to a slot from another system, by ota-agent install"),
        new(ErrorCodes.ConfigInvalid, 2, StatusCode.InvalidArgument),
        new(ErrorCodes.Usage, 2, StatusCode.InvalidArgument),
        new(ErrorCodes.Internal, 1, StatusCode.Internal),
        new(ErrorCodes.Interrupted, 130, StatusCode.Cancelled,
            Hint: "run it again: it continues where it stopped"),
        new(ErrorCodes.KeyInvalid, 2, StatusCode.InvalidArgument),
        new(ErrorCodes.KeyExposed, 2, StatusCode.InvalidArgument,
            Hint: "chmod 600"),
        new(ErrorCodes.KeyLocked, 2, StatusCode.InvalidArgument,
            Hint: "give the passphrase at the prompt, in OTA_KEYS_PASSPHRASE or with --passphrase-file"),
        new(ErrorCodes.KeyRemoved, 4, StatusCode.FailedPrecondition,
            Hint: "ota-admin channels renew --removed-key drop, or keep"),
        new(ErrorCodes.SystemLibraryMissing, 9, StatusCode.Internal),
    ];

    // Below the table, which static initializers fill first.
    private static readonly FrozenDictionary<string, ErrorMeaning> ByCode =
        All.ToFrozenDictionary(meaning => meaning.Code);

    /// <summary>
    /// The meaning of a code; that of <see cref="ErrorCodes.Internal"/> for one unknown to this version.
    /// </summary>
    /// <param name="code">A code, perhaps from a newer server.</param>
    public static ErrorMeaning Of(string code) => ByCode.GetValueOrDefault(code) ?? ByCode[ErrorCodes.Internal];
}
