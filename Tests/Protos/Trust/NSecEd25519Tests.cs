using ChunkOta.Protos;

namespace ChunkOta.Tests.Protos.Trust;

/// <summary>The library of programs that are compiled at run time.</summary>
public sealed class NSecEd25519Tests : Ed25519Contract
{
    private protected override IEd25519 Library { get; } = new NSecEd25519();
}
