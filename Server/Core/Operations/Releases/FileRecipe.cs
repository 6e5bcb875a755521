using ChunkOta.Protos;

namespace ChunkOta.Server.Core;

/// <summary>The recipe of one entry of a release.</summary>
/// <param name="Entry">The entry's index in the manifest.</param>
/// <param name="Recipe">The chunks that make its file.</param>
/// <param name="Offset">The bytes of the recipe that the caller has already.</param>
public sealed record FileRecipe(uint Entry, Recipe Recipe, int Offset = 0);
