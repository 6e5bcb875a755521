using Google.Protobuf;
using Google.Protobuf.Collections;

namespace ChunkOta.Server;

/// <summary>Lists of any length in messages of bounded size.</summary>
internal static class MessageParts
{
    private const int MaxBytes = 512 * 1024;

    /// <summary>Spreads items over as few messages as fit; without items there is the first message alone.</summary>
    /// <param name="items">The items.</param>
    /// <param name="first">The first message, with all else that is to be sent.</param>
    /// <param name="fieldOf">The field of a message that gets the items.</param>
    public static IEnumerable<TPart> Spread<TItem, TPart>(
        this IEnumerable<TItem> items, TPart first, Func<TPart, RepeatedField<TItem>> fieldOf)
        where TItem : IMessage
        where TPart : new()
    {
        var (part, bytes) = (first, 0);
        foreach (var item in items)
        {
            var size = item.CalculateSize();
            if (bytes > 0 && bytes + size > MaxBytes)
            {
                yield return part;
                (part, bytes) = (new TPart(), 0);
            }

            fieldOf(part).Add(item);
            bytes += size;
        }

        yield return part;
    }
}
