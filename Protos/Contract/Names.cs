using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace ChunkOta.Protos;

/// <summary>Names of products, channels, platforms and devices: <c>[a-z0-9][a-z0-9._-]{0,63}</c>.</summary>
/// <remarks>So narrow that each is safe as a directory, in a URL, in a header and in a log, on every system.</remarks>
public static class Names
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxLength = 64;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Tells whether a text is a name.</summary>
    /// <param name="name">Any text.</param>
    public static bool IsValid([NotNullWhen(true)] string? name) =>
        name is { Length: > 0 and <= MaxLength }
        && (char.IsAsciiLetterLower(name[0]) || char.IsAsciiDigit(name[0]))
        && !name.AsSpan().ContainsAnyExcept(Allowed);

    /// <summary>Refuses what is not the name of a product.</summary>
    /// <param name="name">Any text.</param>
    /// <exception cref="ChunkOtaException">NAME_INVALID.</exception>
    public static void CheckProduct([NotNull] string? name) => Check(name, "product");

    /// <summary>Refuses what is not the name of a channel.</summary>
    /// <inheritdoc cref="CheckProduct"/>
    public static void CheckChannel([NotNull] string? name) => Check(name, "channel");

    /// <summary>
    /// Refuses what is not the name of a platform: a .NET RID such as <c>linux-x64</c>, or <c>any</c>.
    /// </summary>
    /// <inheritdoc cref="CheckProduct"/>
    public static void CheckPlatform([NotNull] string? name) => Check(name, "platform");

    /// <summary>Refuses what is not the id of a device or another thing that a server names.</summary>
    /// <inheritdoc cref="CheckProduct"/>
    public static void CheckId([NotNull] string? name) => Check(name, "id");

    private static void Check([NotNull] string? name, string what)
    {
        if (!IsValid(name))
            throw new ChunkOtaException(ErrorCodes.NameInvalid,
                $"\"{OneLine.Of(name ?? "")}\" is no {what} name: 1 to {MaxLength} of a-z, 0-9, '.', '_' and '-', "
                + "the first a letter or digit");
    }
}
