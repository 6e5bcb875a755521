using ChunkOta.Storage;
using ChunkOta.Storage.Sql;

namespace ChunkOta.Server;

/// <summary>The result of a migration.</summary>
/// <param name="Objects">The objects; null where both settings name the same.</param>
/// <param name="Tables">The catalogue; null where both settings name the same, or only objects were copied.</param>
internal sealed record MigrationReport(ObjectFigures? Objects, IReadOnlyList<TableFigures>? Tables);
