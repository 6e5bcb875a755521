using ChunkOta.Durable;
using ChunkOta.Storage;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Storage;

public sealed class DataFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_data_folder_that_is_a_link_works()
    {
        Fs.MakeDirectories(_folder["disk"]);
        Fs.MakeSymlink("disk", _folder["data"]);

        using var data = DataFolder.Open(_folder["data"]);
        data.WriteFile("tls.key", "secret"u8);
        _ = FileObjectStore.Open(data.ObjectsPath);

        Assert.Equal(_folder["disk"], data.Path);
        Assert.True(File.Exists(_folder["disk/tls.key"]));
        Assert.True(Directory.Exists(data.MakeScratchFolder()));
    }

    [Fact]
    public void Opening_removes_the_temporary_files_of_a_killed_server()
    {
        Fs.MakeDirectories(_folder["data"]);
        File.WriteAllText(_folder["data/.tls.key.1-1.tmp"], "secret");
        File.WriteAllText(_folder["data/.mine.tmp"], "");

        using (DataFolder.Open(_folder["data"]))
            Assert.Equal([".mine.tmp", "lock"], Fs.FindNames(_folder["data"])!.Select(entry => entry.Name));
    }
}
