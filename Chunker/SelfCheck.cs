namespace ChunkOta.Chunking;

/// <summary>One check that a program makes of itself on the machine it runs on.</summary>
/// <param name="Name">The name, for people.</param>
/// <param name="Run">Makes the check: returns the problem in a few words, or null when there is none.</param>
public sealed record SelfCheck(string Name, Func<string?> Run);
