using ChunkOta.Tests.Agent.Support;

namespace ChunkOta.Tests.Agent.Destinations.Tree;

/// <summary>Whatever somebody plants in a staging tree,
/// nothing is written outside it and nothing planted stays.</summary>
public sealed class StagingTreeTests : IDisposable
{
    private readonly AgentRig _rig = new();
    private readonly TestRelease _release = new TestRelease("1.0.0", 1)
        .File("a/b/file", TestRelease.Random(1, 9000)).File("top", "text").File("empty", []).EmptyDirectory("hollow")
        .Link("a/link", "../top");

    private readonly string _outside;
    private readonly string _staging;

    public StagingTreeTests()
    {
        _outside = Path.Combine(_rig.Folder, "outside");
        Directory.CreateDirectory(_outside);
        File.WriteAllText(Path.Combine(_outside, "file"), "untouched");
        var digest = _rig.Source.Publish(_release, 1);
        _staging = _rig.Product.StagingOf(digest);
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task P_27_A_directory_swapped_for_a_link_leads_nowhere()
    {
        Directory.CreateDirectory(Path.Combine(_staging, "a"));
        File.CreateSymbolicLink(Path.Combine(_staging, "a/b"), _outside);

        await InstallsUnharmedAsync();
    }

    [Fact]
    public async Task P_27_Files_and_directories_planted_as_links_are_replaced()
    {
        Directory.CreateDirectory(Path.Combine(_staging, "a/b"));
        File.CreateSymbolicLink(Path.Combine(_staging, "a/b/file"), Path.Combine(_outside, "file"));
        File.CreateSymbolicLink(Path.Combine(_staging, "top"), "/etc/passwd");
        File.CreateSymbolicLink(Path.Combine(_staging, "empty"), Path.Combine(_outside, "file"));
        File.CreateSymbolicLink(Path.Combine(_staging, "hollow"), _outside);

        await InstallsUnharmedAsync();
    }

    [Fact]
    public async Task P_27_The_staging_tree_itself_planted_as_a_link_is_replaced()
    {
        File.CreateSymbolicLink(_staging, _outside);

        await InstallsUnharmedAsync();
    }

    [Fact]
    public async Task What_is_not_part_of_the_release_does_not_get_into_it()
    {
        Directory.CreateDirectory(Path.Combine(_staging, "a/b"));
        await File.WriteAllTextAsync(Path.Combine(_staging, "a/b/extra"), "planted");
        await File.WriteAllTextAsync(Path.Combine(_staging, "extra"), "planted");

        await InstallsUnharmedAsync();
    }

    [Fact]
    public async Task A_directory_where_a_file_belongs_is_cleared_away()
    {
        Directory.CreateDirectory(Path.Combine(_staging, "top/planted"));
        await File.WriteAllTextAsync(Path.Combine(_staging, "top/planted/x"), "planted");

        await InstallsUnharmedAsync();
    }

    [Fact]
    public async Task A_file_where_a_directory_belongs_is_cleared_away()
    {
        Directory.CreateDirectory(_staging);
        await File.WriteAllTextAsync(Path.Combine(_staging, "a"), "planted");

        await InstallsUnharmedAsync();
    }

    [Fact]
    public async Task A_planted_file_of_the_right_name_is_used_only_as_far_as_it_hashes_right()
    {
        Directory.CreateDirectory(Path.Combine(_staging, "a/b"));
        var planted = TestRelease.Random(2, 20_000);
        await File.WriteAllBytesAsync(Path.Combine(_staging, "a/b/file"), planted);
        await File.WriteAllTextAsync(Path.Combine(_staging, "top"), "TEXT");

        await InstallsUnharmedAsync();
    }

    [Fact]
    public async Task Odd_modes_of_staged_files_do_not_survive()
    {
        Directory.CreateDirectory(Path.Combine(_staging, "a/b"));
        await File.WriteAllBytesAsync(Path.Combine(_staging, "a/b/file"), _release.Files["a/b/file"]);
        await File.WriteAllBytesAsync(Path.Combine(_staging, "top"), _release.Files["top"]);
        foreach (var path in new[] { "a/b/file", "top" })
        {
            using var chmod = System.Diagnostics.Process.Start("chmod", ["6777", Path.Combine(_staging, path)]);
            await chmod.WaitForExitAsync();
        }

        await InstallsUnharmedAsync();
    }

    [Theory]
    [InlineData(0b111_111_111)]
    [InlineData(0b111_000_000)]
    [InlineData(0)]
    public async Task Odd_modes_of_staged_directories_do_not_survive(int mode)
    {
        Directory.CreateDirectory(Path.Combine(_staging, "a/b"));
        foreach (var path in new[] { "a/b", "a", "" })
            File.SetUnixFileMode(Path.Combine(_staging, path), (UnixFileMode)mode);

        await InstallsUnharmedAsync();

        foreach (var path in new[] { "a/b", "a", "" })
        {
            Assert.Equal(
                (UnixFileMode)0b111_101_101, File.GetUnixFileMode(Path.Combine(_rig.Current, path)));
        }
    }

    [Fact]
    public async Task P_27_Somebody_who_swaps_directories_for_links_all_the_time_gets_nothing_out()
    {
        using var stop = new CancellationTokenSource();
        var inner = Path.Combine(_staging, "a/b");
        var swappers = Enumerable.Range(0, 4).Select(i => Task.Run(() =>
        {
            for (var swaps = 0L; !stop.IsCancellationRequested; swaps++)
                Swap(inner, $"{_staging}.{i}.{swaps % 8}", _outside);
        })).ToList();

        for (var runs = 0; runs < 25; runs++)
        {
            try
            {
                await _rig.UpdateAsync();
            }
            catch (ChunkOtaException)
            {
                continue;
            }
            // It got through between two swaps: from the start again.
            File.Delete(_rig.Product.CurrentLink);
            Directory.Move(_rig.Product.ReleaseOf("1.0.0"), Path.Combine(_rig.Folder, $"made{runs}"));
        }
        await stop.CancelAsync();
        await Task.WhenAll(swappers);

        Directory.Delete(_rig.Product.Staging, recursive: true);
        _rig.Product.Make();
        await InstallsUnharmedAsync();
    }

    /// <summary>Moves whatever is at a path away and puts a link out of the tree there,
    /// if it is quick enough.</summary>
    private static void Swap(string path, string aside, string outside)
    {
        try
        {
            if (Directory.Exists(aside))
                Directory.Delete(aside, recursive: true);
            Directory.Move(path, aside);
            File.CreateSymbolicLink(path, outside);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else was quicker.
            return;
        }
    }

    private async Task InstallsUnharmedAsync()
    {
        await _rig.UpdateAsync();

        _rig.AssertCurrent(_release);
        Assert.Equal("untouched", await File.ReadAllTextAsync(Path.Combine(_outside, "file")));
        Assert.Equal(["file"], Directory.GetFileSystemEntries(_outside).Select(Path.GetFileName));
    }
}
