using System.Text;
using ChunkOta.Chunking;
using Google.Protobuf;

namespace ChunkOta.Protos;

/// <summary>The rules that make a manifest acceptable, the same for publisher, server and agent.</summary>
/// <remarks>
/// Everything is checked on the document alone, without a file system. docs/format.md, "Manifest" and "Paths", says
/// the same in words. The first rule that is broken is the one that is reported.
/// </remarks>
public static class ManifestRules
{
    /// <summary>The longest notes, in bytes of UTF-8.</summary>
    public const int MaxNotesBytes = 64 * 1024;

    /// <summary>The most arguments of a health command, its path included.</summary>
    public const int MaxHealthArguments = 64;

    /// <summary>The longest argument of a health command, in bytes of UTF-8.</summary>
    public const int MaxHealthArgumentBytes = 4096;

    /// <summary>Refuses a manifest that breaks a rule.</summary>
    /// <param name="manifest">A parsed manifest, signed by whomever.</param>
    /// <param name="limits">How many entries it may have.</param>
    /// <exception cref="ManifestInvalidException">
    /// MANIFEST_INVALID, or where an entry is at fault TYPE_UNKNOWN or one of PATH_… and LINK_….
    /// </exception>
    public static void Check(Manifest manifest, ManifestLimits limits)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        Check(manifest, manifest.Entries, limits);
    }

    /// <summary>Refuses a manifest that breaks a rule.</summary>
    /// <param name="head">What it says; entries of its own are not looked at.</param>
    /// <param name="entries">Its entries; each is read a few times.</param>
    /// <param name="limits">How many entries it may have.</param>
    /// <exception cref="ManifestInvalidException">As for a whole manifest.</exception>
    public static void Check(Manifest head, IReadOnlyList<Entry> entries, ManifestLimits limits)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(entries);
        ArgumentNullException.ThrowIfNull(limits);
        if (entries.Count > limits.MaxEntries)
            throw TooMany(entries.Count, limits);
        CheckHead(head);
        try
        {
            CheckEntries(head, entries);
        }
        catch (InvalidProtocolBufferException)
        {
            throw NoMessage();
        }
    }

    internal static ManifestInvalidException TooMany(int entries, ManifestLimits limits) => new(
        ErrorCodes.PathMany, $"the release has {entries} entries, the limit is {limits.MaxEntries}");

    internal static ManifestInvalidException NoMessage() => Invalid("the payload is not a Manifest message");

    private static void CheckEntries(Manifest head, IReadOnlyList<Entry> entries)
    {
        var cut = head.Cut.ToChunking();
        var tree = new ReleaseTree(head.Portable, entries);
        var previous = "";
        var sum = 0L;
        foreach (var entry in entries)
        {
            CheckEntry(entry, head, cut);
            CheckOrder(previous, entry.Path);
            previous = entry.Path;
            tree.Add(entry);
            if (entry.Size > (ulong)(long.MaxValue - sum))
                throw Invalid("the files' sizes together do not fit 63 bits");
            sum += (long)entry.Size;
        }
        if (!head.ExternalLinks)
            new LinkResolver(tree).CheckAll();
        CheckHealthCommand(head, entries, tree);
    }

    private static void CheckHead(Manifest manifest)
    {
        if (!Names.IsValid(manifest.Product))
            throw Invalid($"\"{OneLine.Of(manifest.Product)}\" is not a product name");
        if (!Names.IsValid(manifest.Platform))
            throw Invalid($"\"{OneLine.Of(manifest.Platform)}\" is not a platform name");
        if (!ReleaseVersion.TryParse(manifest.Version, out _))
            throw Invalid($"\"{OneLine.Of(manifest.Version)}\" is not a version");
        if (!ReleaseVersion.IsBuild(manifest.Build))
            throw Invalid($"\"{OneLine.Of(manifest.Build)}\" is not build metadata");
        if (manifest.Counter == 0)
            throw Invalid("its counter is missing");
        if (manifest.Floor > manifest.Counter)
            throw Invalid($"its floor {manifest.Floor} is above its own counter {manifest.Counter}");
        if (!UnixTime.IsValid(manifest.PublishedUnixSeconds))
            throw Invalid($"it was published at {manifest.PublishedUnixSeconds}, which is not a valid time");
        if (Encoding.UTF8.GetByteCount(manifest.Notes) > MaxNotesBytes)
            throw Invalid($"its notes have more than {SizeText.Of(MaxNotesBytes)}");
        CheckMutable(manifest);
    }

    private static void CheckMutable(Manifest manifest)
    {
        if (manifest.Mutable.Count > MutablePaths.MaxPatterns)
            throw Invalid($"it has more than {MutablePaths.MaxPatterns} patterns of mutable paths");
        foreach (var pattern in manifest.Mutable)
        {
            if (pattern.Length == 0 || pattern.Contains('\0', StringComparison.Ordinal)
                || Encoding.UTF8.GetByteCount(pattern) > PathPattern.MaxBytes)
                throw Invalid("a pattern of its mutable paths is empty, too long or holds a NUL");
        }
    }

    private static void CheckEntry(Entry entry, Manifest manifest, CutParameters cut)
    {
        if (PathRules.FindProblem(entry.Path) is var (code, why))
            throw ReleasePath.Refused(code, entry.Path, why);
        switch (entry.Kind)
        {
            case EntryKind.File:
                CheckFile(entry, cut);
                break;
            case EntryKind.EmptyDirectory:
                if (HasContent(entry) || entry.LinkTarget.Length > 0)
                    throw Invalid(entry, "an empty directory has a path and nothing else");
                break;
            case EntryKind.SymbolicLink:
                if (HasContent(entry))
                    throw Invalid(entry, "a link has a path, a target and nothing else");
                if (PathRules.FindProblemOfTarget(entry.LinkTarget, manifest.Portable, manifest.ExternalLinks)
                    is var (linkCode, whyLink))
                    throw ReleasePath.Refused(linkCode, entry.Path, whyLink);
                break;
            default:
                throw ReleasePath.Refused(
                    ErrorCodes.TypeUnknown, entry.Path, $"it is of the unknown kind {(int)entry.Kind}");
        }
    }

    private static bool HasContent(Entry entry) =>
        entry.Size != 0 || entry.Executable || !entry.Digest.IsEmpty || !entry.Recipe.IsEmpty;

    private static void CheckFile(Entry entry, CutParameters cut)
    {
        if (entry.LinkTarget.Length > 0)
            throw Invalid(entry, "a file has no target");
        if (entry.Size > long.MaxValue)
            throw Invalid(entry, "its size does not fit 63 bits");
        if (entry.Digest.Length != (entry.Size == 0 ? 0 : Digest.Size))
            throw Invalid(entry, $"a file of {entry.Size} bytes has no digest of {entry.Digest.Length} bytes");
        if (entry.Recipe.Length is not (0 or Digest.Size))
            throw Invalid(entry, $"its recipe's digest has {entry.Recipe.Length} bytes");
        // At most Min bytes are one chunk, more than Max are several; between them the cut decides.
        if (!entry.Recipe.IsEmpty && cut.IsWholeFile((long)entry.Size))
            throw Invalid(entry, $"a file of {entry.Size} bytes is one chunk and has no recipe");
        if (entry.Recipe.IsEmpty && entry.Size > (ulong)cut.Max)
            throw Invalid(entry, $"a file of {entry.Size} bytes is more than one chunk and needs a recipe");
    }

    private static void CheckOrder(string previous, string path)
    {
        if (previous.Length == 0)
            return;
        var order = ReleasePath.Compare(previous, path);
        if (order == 0)
            throw ReleasePath.Refused(ErrorCodes.PathDuplicate, path, "it is there twice");
        if (order > 0)
            throw Invalid($"its entries are not sorted: \"{OneLine.Of(path)}\" after \"{OneLine.Of(previous)}\"");
    }

    private static void CheckHealthCommand(Manifest manifest, IReadOnlyList<Entry> entries, ReleaseTree tree)
    {
        if (manifest.HealthCommand.Count == 0)
            return;
        if (manifest.HealthCommand.Count > MaxHealthArguments)
            throw Invalid($"its health command has more than {MaxHealthArguments} arguments");
        foreach (var argument in manifest.HealthCommand)
            if (argument.Contains('\0', StringComparison.Ordinal)
                || Encoding.UTF8.GetByteCount(argument) > MaxHealthArgumentBytes)
                throw Invalid($"an argument of its health command is too long or holds a NUL");
        var program = manifest.HealthCommand[0];
        var entry = entries.FirstOrDefault(entry => entry.Path == program);
        if (tree.Find(program)?.Kind != NodeKind.File || entry is not { Executable: true })
            throw Invalid($"its health command \"{OneLine.Of(program)}\" is not an executable file of the release");
    }

    private static ManifestInvalidException Invalid(string why) =>
        new(ErrorCodes.ManifestInvalid, $"the manifest breaks a rule: {why}");

    private static ManifestInvalidException Invalid(Entry entry, string why) =>
        Invalid($"\"{OneLine.Of(entry.Path)}\": {why}");
}
