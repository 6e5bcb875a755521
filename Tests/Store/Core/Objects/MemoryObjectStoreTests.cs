using ChunkOta.Storage;
using ChunkOta.Tests.Store.Contracts;

namespace ChunkOta.Tests.Store.Objects;

public sealed class MemoryObjectStoreTests : ObjectStoreContract
{
    protected override IPrunableObjectStore Store { get; } = new MemoryObjectStore();
}
