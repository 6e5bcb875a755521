using System.Globalization;
using System.Text;
using ChunkOta.Durable;

namespace ChunkOta.Agent;

/// <summary>A boot loader that is this program: <c>ota-agent boot</c> starts a slot by a small text file.</summary>
/// <remarks>For demonstrations, tests, and machines on which the slots hold containers or applications. The file has
/// the two variables of <see cref="BootPlan"/>, <c>running</c> and <c>starts</c>.</remarks>
/// <param name="path">The file; it need not exist.</param>
internal sealed class SimulatedBootloader(string path) : IBootloader
{
    private const int MaxBytes = 4096;
    private const string RunningVariable = "running";
    private const string StartsVariable = "starts";

    /// <inheritdoc/>
    public string BootId => "start-" + Find(StartsVariable, Load());

    /// <inheritdoc/>
    public BootPlan Read() => BootPlan.Read(Load());

    /// <inheritdoc/>
    public void Write(BootPlan plan) => Save(plan, Load());

    /// <inheritdoc/>
    /// <remarks>Before the first start, slot A counts as running, as on a machine from the factory.</remarks>
    public SlotName FindRunning() => SlotNames.Find(Find(RunningVariable, Load())) ?? SlotName.A;

    /// <inheritdoc/>
    public SlotName Start()
    {
        var lines = Load();
        var plan = BootPlan.Read(lines).Start();
        _ = int.TryParse(Find(StartsVariable, lines), CultureInfo.InvariantCulture, out var starts);
        Save(plan, [.. lines, $"{StartsVariable}={starts + 1}"]);
        return plan.First;
    }

    /// <inheritdoc/>
    public void NoteRunning(SlotName slot)
    {
        var lines = Load();
        Save(BootPlan.Read(lines), [.. lines, $"{RunningVariable}={slot}"]);
    }

    private static string Find(string name, string[] lines) =>
        Array.FindLast(lines, line => line.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..]
        ?? "";

    private string[] Load() => DurableFile.FindBytes(Fs.Resolve(path), MaxBytes) is { } bytes
        ? Encoding.UTF8.GetString(bytes).Split('\n')
        : [];

    private void Save(BootPlan plan, string[] lines)
    {
        var text = new StringBuilder()
            .Append(BootPlan.SlotVariable).Append('=').Append(plan.First).Append('\n')
            .Append(BootPlan.TriesVariable).Append('=').Append(plan.TriesText).Append('\n');
        foreach (var name in new[] { RunningVariable, StartsVariable })
            text.Append(name).Append('=').Append(Find(name, lines)).Append('\n');
        AtomicFile.Replace(Fs.Resolve(path), Encoding.UTF8.GetBytes(text.ToString()), Permissions.Ordinary);
    }
}
