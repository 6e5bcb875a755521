using System.Globalization;
using System.Numerics;

namespace ChunkOta.Chunking;

/// <summary>Bounds of the length of a chunk, and the seed of the gear hash.</summary>
/// <remarks>
/// Recorded in every manifest and fixed for a product's life: other parameters give other chunks, and nothing
/// published before would be reused. A <c>default</c> value is invalid and refused wherever it is used.
/// </remarks>
/// <param name="Min">The shortest chunk in bytes, except for the last of a file; even, because bytes are hashed in
/// pairs.</param>
/// <param name="Average">The typical length of a chunk in bytes; a power of two, because it selects the masks.</param>
/// <param name="Max">The longest chunk in bytes; at most <see cref="MaxLimit"/>.</param>
/// <param name="Seed">Xor-ed into the gear table: products with different seeds share no cuts. 0 for none.</param>
public readonly record struct CutParameters(int Min, int Average, int Max, ulong Seed = 0)
{
    /// <summary>The smallest <see cref="Min"/> in bytes: the gear hash needs that many bytes to fill.</summary>
    public const int MinLimit = 64;

    /// <summary>The smallest <see cref="Average"/> in bytes.</summary>
    public const int AverageLimit = 256;

    /// <summary>The largest <see cref="Max"/> in bytes, so that a chunk always fits in a frame.</summary>
    public const int MaxLimit = 512 * 1024;

    /// <summary>The default of new products: 16, 64 and 256 KiB, no seed.</summary>
    public static CutParameters Default { get; } = new(16 * 1024, 64 * 1024, 256 * 1024);

    /// <summary>
    /// True if a file of this length is one chunk, whatever its content.
    /// </summary>
    public bool IsWholeFile(long length) => length <= Min;

    /// <summary>Describes in one sentence why these parameters are invalid; null if they are valid.</summary>
    public string? FindProblem()
    {
        if (Min < MinLimit || Min % 2 != 0)
            return Say($"the minimum of {Min} bytes must be even and at least {MinLimit}");
        if (Average < AverageLimit || !BitOperations.IsPow2(Average))
            return Say($"the average of {Average} bytes must be a power of two of at least {AverageLimit}");
        if (Max > MaxLimit)
            return Say($"the maximum of {Max} bytes must be at most {MaxLimit}");
        if (Min > Average || Average > Max)
            return Say($"minimum {Min}, average {Average} and maximum {Max} must not descend");
        return null;

        static string Say(FormattableString sentence) => sentence.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Checks the parameters, before sizes from a document or the network are used.</summary>
    /// <exception cref="ArgumentException">They are invalid; the message says why.</exception>
    public void Validate()
    {
        if (FindProblem() is { } problem)
            throw new ArgumentException("invalid cut parameters: " + problem);
    }
}
