using System.Globalization;
using System.Runtime.CompilerServices;

namespace ChunkOta.Server;

/// <summary>A section of the settings, for messages about its keys.</summary>
/// <param name="name">The section's property of <see cref="ServerSettings"/>.</param>
internal sealed class SettingSection(string name)
{
    /// <summary>The full key of a setting.</summary>
    public string KeyOf(string property) => $"{name}:{property}";

    /// <summary>One line when a value is out of range, else none.</summary>
    /// <param name="value">The property itself: its name becomes the key.</param>
    /// <param name="least">The smallest value that is accepted.</param>
    /// <param name="most">The largest value that is accepted.</param>
    /// <param name="property">Filled in by the compiler.</param>
    public IEnumerable<string> CheckRange(
        long value, long least, long most, [CallerArgumentExpression(nameof(value))] string property = "")
    {
        if (value < least || value > most)
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{KeyOf(property)} is out of range: {value}: choose {least} to {most}");
    }
}
