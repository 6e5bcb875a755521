using ChunkOta.Chunking;

namespace ChunkOta.Storage;

/// <summary>A registered product.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Cut">The cut parameters of its files.</param>
/// <param name="FirstRoot">The digest of the trust root that agents pin.</param>
/// <param name="Root">Its newest trust root.</param>
/// <param name="Releases">The number of its releases.</param>
public sealed record ProductRecord(string Name, CutParameters Cut, Digest FirstRoot, RootRecord Root, long Releases);

/// <summary>A product that is being registered.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Cut">The cut parameters of its files, which never change; null for the default, or for those of the
/// product that exists already.</param>
/// <param name="FirstRoot">Its first trust root, verified.</param>
public sealed record NewProduct(string Name, CutParameters? Cut, RootRecord FirstRoot);

/// <summary>A trust root of a product.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Digest">The digest of its payload.</param>
/// <param name="Expires">The end of its validity.</param>
/// <param name="Envelope">The serialised envelope, verbatim.</param>
public sealed record RootRecord(ulong Version, Digest Digest, DateTimeOffset Expires, ReadOnlyMemory<byte> Envelope);
