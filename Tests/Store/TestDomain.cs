using System.Text;
using ChunkOta.Chunking;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Store;

/// <summary>Domains that a test can name.</summary>
internal static class TestDomain
{
    /// <summary>The same domain for the same name.</summary>
    public static DedupDomain Of(string name) => DedupDomain.OfMask(Digest.Of(Encoding.UTF8.GetBytes(name)));
}
