namespace ChunkOta.Chunking;

/// <summary>
/// Writes the bits it is given, or reads bits and ignores what it is given: one piece of code defines the order of the
/// numbers in a delta, so encoder and decoder cannot differ.
/// </summary>
internal interface IBitCoder
{
    /// <summary>Codes one bit at a cost that depends on its likelihood, and updates the model.</summary>
    /// <returns>The bit.</returns>
    int Bit(ref BitModel model, int bit);

    /// <summary>Codes a few bits, highest first, each modelled by the bits above it.</summary>
    /// <param name="models">2^<paramref name="count"/> of them.</param>
    /// <param name="value">Less than 2^<paramref name="count"/>.</param>
    /// <param name="count">Number of bits.</param>
    /// <returns>The value.</returns>
    uint Tree(Span<BitModel> models, uint value, int count);

    /// <summary>Codes bits without a model, highest first.</summary>
    /// <param name="value">Less than 2^<paramref name="count"/>.</param>
    /// <param name="count">0 to 32.</param>
    /// <returns>The value.</returns>
    uint Bits(uint value, int count);
}
