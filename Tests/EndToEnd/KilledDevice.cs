using System.Diagnostics;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.EndToEnd;

/// <summary>A folder with all of a device, saved so that the same operation can be killed again and again.</summary>
internal sealed class KilledDevice
{
    private static readonly string[] Modes = ["kill", "kill-after", "torn"];

    private readonly Rig _rig;
    private int _logs;

    /// <param name="rig">Its agent has its home in the folder from now on.</param>
    public KilledDevice(Rig rig)
    {
        _rig = rig;
        Directory.CreateDirectory(Folder);
        rig.Home = Path.Combine(Folder, "home");
    }

    /// <summary>The folder.</summary>
    public string Folder => _rig.PathOf("device");

    private string Saved => _rig.PathOf("saved");

    /// <summary>Saves the device as it is.</summary>
    public async Task SaveAsync()
    {
        if (Directory.Exists(Saved))
            Directory.Delete(Saved, recursive: true);
        await CopyAsync(Folder, Saved);
    }

    /// <summary>Brings the device back to what was saved.</summary>
    public async Task RestoreAsync()
    {
        Directory.Delete(Folder, recursive: true);
        await CopyAsync(Saved, Folder);
    }

    /// <summary>Kills an operation of the saved device at random steps, each time anew.</summary>
    /// <param name="kills">How often.</param>
    /// <param name="random">Draws the steps.</param>
    /// <param name="operation">The arguments of the agent.</param>
    /// <param name="assertSurvived">Checks the device after each kill.</param>
    public async Task KillAsync(int kills, Random random, string[] operation, Func<Task> assertSurvived)
    {
        var log = _rig.PathOf($"steps-{++_logs}");
        await RestoreAsync();
        (await _rig.AgentWithAsync("CHUNKOTA_FAULT", $"mode=log;log={log}", operation)).Succeeded();
        var steps = (await File.ReadAllLinesAsync(log)).Length;
        for (var i = 0; i < kills; i++)
        {
            await RestoreAsync();
            var fault = $"at={random.Next(1, steps + 1)};mode={Modes[random.Next(Modes.Length)]}";

            var run = await _rig.AgentWithAsync("CHUNKOTA_FAULT", fault, operation);

            Assert.True(run.ExitCode == 137, $"{fault} of {steps}: exit code {run.ExitCode}\n{run.Error}");
            await assertSurvived();
            Assert.Empty(Directory.EnumerateFiles(Folder, "*.tmp", SearchOption.AllDirectories));
            FaultFigures.Add(("sigkills", 1));
        }
    }

    private static async Task CopyAsync(string from, string to)
    {
        using var copy = Process.Start("cp", ["-a", from, to]);
        await copy.WaitForExitAsync();
        Assert.Equal(0, copy.ExitCode);
    }
}
