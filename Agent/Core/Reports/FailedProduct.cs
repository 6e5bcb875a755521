using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The failure of one product in a run over several; the others had their turn all the same.</summary>
/// <param name="Product">The product.</param>
/// <param name="Error">Its failure.</param>
public sealed record FailedProduct(string Product, ErrorReport Error);
