using ChunkOta.Chunking;

namespace ChunkOta.Storage.Sql;

/// <summary>The content of one table of a catalogue.</summary>
/// <param name="Table">The table.</param>
/// <param name="Rows">Its number of rows.</param>
/// <param name="Digest">The sum of the digests of its rows: the same in every engine and in any order.</param>
public readonly record struct TableFigures(string Table, long Rows, Digest Digest);
