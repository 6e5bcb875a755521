using System.Text.Json.Serialization;
using ChunkOta.Protos;

namespace ChunkOta.Agent;

/// <summary>The findings about an agent's home, its products and their servers.</summary>
/// <param name="Findings">Everything that was examined, in the order of examination.</param>
/// <param name="Error">The worst finding, the one that the exit code is of; left out where none is an error.</param>
public sealed record DoctorReport(
    IReadOnlyList<DoctorFinding> Findings,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ErrorReport? Error);
