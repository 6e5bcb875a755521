using System.Text.Json;
using System.Text.Json.Serialization;
using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The description of a backup: an object of the backup store, written when all it needs is there.</summary>
public sealed record BackupRecord
{
    /// <summary>The format of backups that this program writes and reads.</summary>
    public const int NewestFormat = 1;

    /// <summary>The end of the year 9999, Unix seconds.</summary>
    private const long MaxTime = 253_402_300_799;

    /// <summary>The format of the backup.</summary>
    public required int Format { get; init; }

    /// <summary>The number of the catalogue that it is a backup of: several may share a place.</summary>
    public required Guid Installation { get; init; }

    /// <summary>Grows by one with each backup of the installation: clocks go back at times.</summary>
    public required long Number { get; init; }

    /// <summary>The highest counter or seq that the catalogue has given out (docs/adr/0041).</summary>
    public required long HighestNumber { get; init; }

    /// <summary>The moment that the catalogue shows, Unix seconds.</summary>
    public required long TakenUnixSeconds { get; init; }

    /// <summary>The digest of the copy of the catalogue, which names all objects: an SQLite file.</summary>
    public required string Catalogue { get; init; }

    /// <summary>Its length in bytes.</summary>
    public required long CatalogueBytes { get; init; }

    /// <summary>The objects that the catalogue needs.</summary>
    public required long Objects { get; init; }

    /// <summary>Their lengths together, bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Those that the server had lost: they are not in the backup.</summary>
    public required long Lost { get; init; }

    /// <summary>The private files of the data folder by name, such as <c>tls.key</c>.</summary>
    public required IReadOnlyDictionary<string, byte[]> Files { get; init; }

    /// <summary>The name of the catalogue's copy.</summary>
    internal ObjectName CatalogueName => new(ObjectKind.Catalogue, Digest.Parse(Catalogue, null));

    /// <summary>The copy of the catalogue as an object.</summary>
    internal ListedObject ListedCatalogue => new(CatalogueName, CatalogueBytes, IsMarked: false);

    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, BackupJson.Default.BackupRecord);

    /// <summary>Reads a record whose digest was verified; null if it is of a format that this program does not
    /// know.</summary>
    internal static BackupRecord? TryParse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var record = JsonSerializer.Deserialize(bytes, BackupJson.Default.BackupRecord);
            return record is { Format: NewestFormat, CatalogueBytes: > 0, Files: not null }
                && record.TakenUnixSeconds is >= 0 and <= MaxTime && Digest.TryParse(record.Catalogue, null, out _)
                    ? record : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A backup in a backup store.</summary>
/// <param name="Name">The digest of its record.</param>
/// <param name="Record">Its description.</param>
public sealed record StoredBackup(Digest Name, BackupRecord Record);

/// <summary>The JSON of backups' records.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(BackupRecord))]
internal sealed partial class BackupJson : JsonSerializerContext;
