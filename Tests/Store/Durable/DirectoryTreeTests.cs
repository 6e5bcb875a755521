using ChunkOta.Durable;
using ChunkOta.Tests.Store.Contracts;

namespace ChunkOta.Tests.Durable;

public sealed class DirectoryTreeByOpenAt2Tests() : DirectoryTreeContract(BeneathWay.OpenAt2);

public sealed class DirectoryTreeByOpenAtTests() : DirectoryTreeContract(BeneathWay.OpenAt);
