using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Packages;

/// <summary>A machine on which everything that README says was typed, word for word.</summary>
public sealed class ReadmeMachine : IAsyncLifetime
{
    private DebianMachine? _machine;

    internal DebianMachine Machine => _machine!;

    public async ValueTask InitializeAsync()
    {
        using var build = new TemporaryFolder();
        SampleTree.Write(build["build"], 0);
        string[] files =
        [
            .. Distribution.Packages("amd64"),
            .. Distribution.Programs.Select(program => Distribution.Archive(program, "linux-x64")),
        ];
        _machine = await DebianMachine.BootAsync(["-r", build["build"], .. files], "updates.example.com");
        (await Machine.RunAsync(
            GuideBlocks.Of("README.md", "Install it") + GuideBlocks.Of("README.md", "Use it"))).Succeeded();
    }

    public async ValueTask DisposeAsync()
    {
        if (_machine is not null) await _machine.DisposeAsync();
    }
}
