namespace ChunkOta.Chunking;

/// <summary>
/// Writes the bits it is given, or reads bits and pays no heed to what it is given: one piece of code says what comes
/// after what, and cannot differ between encoder and decoder.
/// </summary>
internal interface IBitCoder
{
    /// <summary>Codes one bit, at a cost by its likelihood, and lets the model learn it.</summary>
    /// <returns>The bit.</returns>
    int Bit(ref BitModel model, int bit);

    /// <summary>Codes some bits, highest first, each by what the ones above it are.</summary>
    /// <param name="models">2^<paramref name="count"/> of them.</param>
    /// <param name="value">Less than 2^<paramref name="count"/>.</param>
    /// <param name="count">Number of bits.</param>
    /// <returns>The value.</returns>
    uint Tree(Span<BitModel> models, uint value, int count);

    /// <summary>Codes bits that nothing is known of, highest first.</summary>
    /// <param name="value">Less than 2^<paramref name="count"/>.</param>
    /// <param name="count">0 to 32.</param>
    /// <returns>The value.</returns>
    uint Bits(uint value, int count);
}
