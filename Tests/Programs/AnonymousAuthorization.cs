using ChunkOta.Client;

namespace ChunkOta.Tests.Support;

/// <summary>Calls without a credential.</summary>
internal sealed class AnonymousAuthorization : ICallAuthorization
{
    public (string Name, string Value)? HeaderFor(string method, string authority) => null;
}
