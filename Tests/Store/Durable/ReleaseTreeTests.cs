using ChunkOta.Durable;
using ChunkOta.Tests.Store.Contracts;

namespace ChunkOta.Tests.Durable;

public sealed class ReleaseTreeByOpenAt2Tests() : ReleaseTreeContract(BeneathWay.OpenAt2);

public sealed class ReleaseTreeByOpenAtTests() : ReleaseTreeContract(BeneathWay.OpenAt);
