using ChunkOta.Durable;
using ChunkOta.Tests.Store;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Durable;

/// <summary>A real process, killed at every step; what it had promised must be there, and nothing half.</summary>
public sealed class CrashTests
{
    [Fact]
    public async Task S_05_A_replaced_file_is_old_or_new_wherever_the_process_dies()
    {
        var deaths = await CrashProcess.DeathsAsync("replace", Prepare);
        Assert.Equal(5 + 1 + 1, deaths.Count);
        foreach (var death in deaths)
        {
            using var folder = new TemporaryFolder();
            Prepare(folder.Path);

            var outcome = await CrashProcess.RunAsync("replace", folder.Path, death);

            Assert.True(outcome.IsKilled, death);
            var content = await File.ReadAllTextAsync(folder["file"]);
            Assert.True(content is "new" || (content is "old" && outcome.Acked.Count == 0), $"{death}: {content}");
            AtomicFile.Replace(folder["file"], "next"u8);
            Assert.Equal("next", await File.ReadAllTextAsync(folder["file"]));
        }

        static void Prepare(string folder) => File.WriteAllText(Path.Combine(folder, "file"), "old");
    }

    [Fact]
    public async Task A5_A_state_is_the_last_promised_one_or_the_next_wherever_the_process_dies()
    {
        foreach (var death in await CrashProcess.DeathsAsync("state"))
        {
            using var folder = new TemporaryFolder();

            var outcome = await CrashProcess.RunAsync("state", folder.Path, death);

            Assert.True(outcome.IsKilled, death);
            var state = new TwoGenerationFile(folder["state"]);
            var found = state.Find() is [var number] ? number : 0;
            Assert.InRange(found, outcome.Acked.Count, outcome.Acked.Count + 1);
            state.Write("healed"u8);
            Assert.Equal("healed"u8.ToArray(), state.Find());
        }
    }
}
