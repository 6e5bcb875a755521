namespace ChunkOta.Agent;

/// <summary>One of the two slots of a product.</summary>
internal enum SlotName
{
    /// <summary>Slot A.</summary>
    A,

    /// <summary>Slot B.</summary>
    B,
}

/// <summary>The arithmetic of two.</summary>
internal static class SlotNames
{
    /// <summary>Returns the slot beside one.</summary>
    public static SlotName Other(this SlotName slot) => slot == SlotName.A ? SlotName.B : SlotName.A;

    /// <summary>Reads a slot's name.</summary>
    /// <returns>Null for any other text.</returns>
    public static SlotName? Find(string? text) => text switch
    {
        "A" => SlotName.A,
        "B" => SlotName.B,
        _ => null,
    };
}
