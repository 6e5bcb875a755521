using ChunkOta.Chunking;
using ChunkOta.Protos;
using Google.Protobuf;

namespace ChunkOta.Storage;

/// <summary>A file of a release.</summary>
/// <param name="Size">Bytes; 0 for an empty file or another kind of entry.</param>
/// <param name="Digest">Of the whole file.</param>
/// <param name="Recipe">Null when the file is one chunk, whose hash is the file's digest.</param>
public readonly record struct ReleaseFile(long Size, Digest Digest, Digest? Recipe);

/// <summary>The part of a manifest that serving its bytes needs: about 80 bytes for each entry.</summary>
public sealed class ReleaseEntries
{
    private readonly ReleaseFile[] _entries;

    private ReleaseEntries(CutParameters cut, ReleaseFile[] entries) => (Cut, _entries) = (cut, entries);

    /// <summary>The parameters that the release's files are cut with.</summary>
    public CutParameters Cut { get; }

    /// <summary>The number of entries, files and others.</summary>
    public int Count => _entries.Length;

    /// <summary>The memory it takes, bytes, about.</summary>
    public long Bytes => 256 + (80L * _entries.Length);

    /// <summary>Reads a manifest's payload entry by entry; the whole message is never in memory.</summary>
    /// <param name="payload">Of a release that was verified when it was committed.</param>
    /// <exception cref="ObjectDamagedException">The stored manifest is damaged.</exception>
    public static ReleaseEntries Read(ByteString payload)
    {
        try
        {
            return Read(payload.CreateCodedInput());
        }
        catch (Exception failure) when (failure is InvalidProtocolBufferException or ManifestInvalidException)
        {
            throw new ObjectDamagedException("a stored manifest is damaged: it cannot be read", failure);
        }
    }

    /// <summary>The file at an index.</summary>
    /// <exception cref="ChunkOtaException">ENTRY_INVALID: there is no file with content at that index.</exception>
    public ReleaseFile GetFile(uint entry) =>
        entry < (uint)_entries.Length && _entries[entry] is { Size: > 0 } file
            ? file
            : throw new ChunkOtaException(
                ErrorCodes.EntryInvalid, $"entry {entry} of the release is not a file with content");

    /// <summary>Tells whether one of the files has a recipe.</summary>
    public bool HasRecipe(Digest recipe) => Array.Exists(_entries, file => file.Recipe == recipe);

    private static ReleaseEntries Read(CodedInputStream input)
    {
        var cut = new FileCutting();
        var entries = new List<ReleaseFile>();
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            switch (WireFormat.GetTagFieldNumber(tag))
            {
                case Manifest.CutFieldNumber: cut.MergeFrom(input.ReadBytes()); break;
                case Manifest.EntriesFieldNumber:
                    entries.Add(FactsOf(Entry.Parser.ParseFrom(input.ReadBytes())));
                    break;
                default: input.SkipLastField(); break;
            }
        }

        return new ReleaseEntries(cut.ToChunking(), [.. entries]);
    }

    private static ReleaseFile FactsOf(Entry entry) => entry.Kind == EntryKind.File && entry.Size > 0
        ? new ReleaseFile((long)entry.Size, entry.Digest.ToDigest(), entry.RecipeDigest())
        : default;
}
