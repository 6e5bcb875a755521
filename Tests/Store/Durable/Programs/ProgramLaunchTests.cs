using System.Globalization;
using ChunkOta.Tests.Store;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Durable.Programs;

public sealed class ProgramLaunchTests
{
    private const ulong BrokenPipe = 1UL << 12;

    [Fact]
    public async Task A_program_that_takes_this_process_place_neither_blocks_signals_nor_ignores_a_broken_pipe()
    {
        using var folder = new TemporaryFolder();

        var outcome = await CrashProcess.RunAsync("signals", folder.Path, $"mode=log;log={folder["steps"]}");

        Assert.Equal(2, outcome.Acked.Count);
        Assert.Equal(0UL, SignalsOf(outcome.Acked[0]));
        Assert.Equal(0UL, SignalsOf(outcome.Acked[1]) & BrokenPipe);
    }

    private static ulong SignalsOf(string line) =>
        ulong.Parse(line.Split('\t')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
