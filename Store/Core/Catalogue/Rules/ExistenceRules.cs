using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>The rules about what must exist before something can refer to it, and about numbers that the catalogue can
/// hold.</summary>
public static class ExistenceRules
{
    /// <summary>The largest step of a number that publishers count up.</summary>
    private const ulong MaxStep = 1_000_000;

    /// <summary>Refuses an unknown product.</summary>
    /// <exception cref="ChunkOtaException"><c>PRODUCT_UNKNOWN</c>.</exception>
    public static void CheckProduct(ICatalogueLookup lookup, string name)
    {
        if (!lookup.HasProduct(name))
            throw UnknownProduct(name);
    }

    /// <summary>Refuses a release that is not visible.</summary>
    /// <exception cref="ChunkOtaException"><c>RELEASE_UNKNOWN</c>.</exception>
    public static void CheckRelease(ICatalogueLookup lookup, Digest manifest)
    {
        if (lookup.FindLine(manifest) is null)
            throw UnknownRelease(manifest);
    }

    internal static ChunkOtaException UnknownProduct(string name) => new(
        ErrorCodes.ProductUnknown, $"unknown product {name}: create it first");

    internal static ChunkOtaException UnknownRelease(Digest manifest) => new(
        ErrorCodes.ReleaseUnknown, $"unknown release: no published release has the manifest {manifest}");

    /// <summary>Refuses a number of a signed document that jumps: after a jump to the end, no number is left.</summary>
    /// <param name="code">The code of the refusal.</param>
    /// <param name="number">At most 1,000,000 above the last one.</param>
    /// <param name="last">The last number; 0 before the first.</param>
    /// <exception cref="ChunkOtaException">The number jumps.</exception>
    internal static void CheckStep(string code, ulong number, ulong last)
    {
        CheckNumber(code, number);
        if (number > last && number - last > MaxStep)
            throw new ChunkOtaException(code, $"number {number} jumps: at most {last + MaxStep} may follow {last}");
    }

    /// <summary>Refuses a number of a signed document that the catalogue cannot hold.</summary>
    /// <param name="code">The code of the refusal.</param>
    /// <param name="number">At most 2^63-1.</param>
    /// <exception cref="ChunkOtaException">The number is too large.</exception>
    internal static void CheckNumber(string code, ulong number)
    {
        if (number > long.MaxValue)
            throw new ChunkOtaException(code, $"number {number} is too large: the largest is {long.MaxValue}");
    }
}
