using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using ChunkOta.Admin;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Admin.Publishing;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed partial class SourceTreeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_empty_directories_and_links_become_entries_sorted_by_the_bytes_of_their_path()
    {
        Write("b.txt", "1234");
        Write("b/deep/c", "12");
        Directory.CreateDirectory(_folder["empty/inner"]);
        File.CreateSymbolicLink(_folder["b/link"], "deep/c");
        Write("a\uff21", "1");
        Write("a\U00010000", "1");
        Write("tool", "#!");
        File.SetUnixFileMode(_folder["tool"], UnixFileMode.UserRead | UnixFileMode.GroupExecute);

        using var tree = SourceTree.Scan(_folder.Path);

        Assert.Equal(
            ["a\uff21", "a\U00010000", "b.txt", "b/deep/c", "b/link", "empty/inner", "tool"],
            tree.Entries.Select(entry => entry.Path));
        Assert.Equal(EntryKind.EmptyDirectory, tree.Entries[5].Kind);
        Assert.Equal((EntryKind.SymbolicLink, "deep/c"), (tree.Entries[4].Kind, tree.Entries[4].LinkTarget));
        Assert.Equal(
            [false, true], new[] { tree.Entries[2], tree.Entries[6] }.Select(entry => entry.Status.IsExecutable));
        Assert.Equal(10, tree.TotalBytes);
    }

    [Fact]
    public void A_file_in_place_of_the_tree_is_not_a_failure_of_the_disk()
    {
        Write("build.zip", "");

        var refused = Assert.Throws<ChunkOtaException>(() => SourceTree.Scan(_folder["build.zip"]));

        Assert.Equal("USAGE", refused.Code);
        Assert.Contains("not a directory", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_too_deep_is_refused_where_it_becomes_so_and_in_a_message_that_can_be_read()
    {
        Directory.CreateDirectory(_folder[string.Concat(Enumerable.Repeat("folder/", 300))]);

        var refused = Assert.Throws<ManifestInvalidException>(() => SourceTree.Scan(_folder.Path));

        Assert.Equal("PATH_LONG", refused.Code);
        Assert.EndsWith(
            "…" + string.Concat(Enumerable.Repeat("/folder", 15))[^100..]
            + "\" cannot be in a release: it has more than 64 components",
            refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tree_without_anything_in_it_is_empty()
    {
        using var tree = SourceTree.Scan(_folder.Path);

        Assert.Empty(tree.Entries);
    }

    [Fact]
    public void The_last_directory_of_a_tree_may_be_the_empty_one()
    {
        Write("a/file", "1");
        Directory.CreateDirectory(_folder["a/none"]);
        Directory.CreateDirectory(_folder["z"]);

        using var tree = SourceTree.Scan(_folder.Path);

        Assert.Equal(["a/file", "a/none", "z"], tree.Entries.Select(entry => entry.Path));
    }

    [Fact]
    public void A_link_to_a_directory_is_an_entry_and_is_not_gone_into()
    {
        Write("real/file", "1");
        File.CreateSymbolicLink(_folder["alias"], "real");

        using var tree = SourceTree.Scan(_folder.Path);

        Assert.Equal(["alias", "real/file"], tree.Entries.Select(entry => entry.Path));
    }

    [Fact]
    public void The_tree_itself_may_be_named_by_a_link()
    {
        Write("real/file", "1");
        File.CreateSymbolicLink(_folder["latest"], "real");

        using var tree = SourceTree.Scan(_folder["latest/"]);

        Assert.Equal("file", Assert.Single(tree.Entries).Path);
    }

    [Fact]
    public void A_FIFO_is_refused_by_name()
    {
        Assert.Equal(0, MakeFifo(_folder["in-the-way"], 0b110_000_000));

        var refused = Assert.Throws<ChunkOtaException>(() => SourceTree.Scan(_folder.Path));

        Assert.Equal("TYPE_UNKNOWN", refused.Code);
        Assert.Contains("'in-the-way'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_socket_is_refused()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder["s"]));

        Assert.Equal("TYPE_UNKNOWN", Assert.Throws<ChunkOtaException>(() => SourceTree.Scan(_folder.Path)).Code);
    }

    [Theory]
    [InlineData(UnixFileMode.SetUser)]
    [InlineData(UnixFileMode.SetGroup)]
    [InlineData(UnixFileMode.StickyBit)]
    public void Special_bits_are_refused_and_never_masked(UnixFileMode bit)
    {
        Write("d/tool", "1");
        File.SetUnixFileMode(_folder["d/tool"], bit | UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var refused = Assert.Throws<ChunkOtaException>(() => SourceTree.Scan(_folder.Path));

        Assert.Equal("MODE_REFUSED", refused.Code);
        Assert.Contains("'d/tool'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Special_bits_of_a_directory_are_refused_too()
    {
        Directory.CreateDirectory(_folder["d"]);
        File.SetUnixFileMode(_folder["d"], UnixFileMode.SetGroup | UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.Equal("MODE_REFUSED", Assert.Throws<ChunkOtaException>(() => SourceTree.Scan(_folder.Path)).Code);
    }

    [Fact]
    public void A_name_that_is_not_UTF8_is_refused()
    {
        using (var file = CreateFile([.. Encoding.UTF8.GetBytes(_folder.Path), .. "/a"u8, 0xff, 0]))
            Assert.False(file.IsInvalid);

        try
        {
            var refused = Assert.Throws<ChunkOtaException>(() => SourceTree.Scan(_folder.Path));
            Assert.Equal("PATH_CHARS", refused.Code);
            Assert.Contains(@"""a\xff""", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            Assert.Equal(0, Unlink([.. Encoding.UTF8.GetBytes(_folder.Path), .. "/a"u8, 0xff, 0]));
        }
    }

    [Fact]
    public void A_directory_that_is_not_there_is_a_usage_error()
    {
        Assert.Equal("USAGE", Assert.Throws<ChunkOtaException>(() => SourceTree.Scan(_folder["none"])).Code);
    }

    [Fact]
    public void A_file_that_changed_since_the_scan_cannot_be_opened()
    {
        Write("file", "1234");
        using var tree = SourceTree.Scan(_folder.Path);
        Write("file", "12345");

        var refused = Assert.Throws<ChunkOtaException>(() => tree.Open(tree.Entries[0]));

        Assert.Equal("IO_ERROR", refused.Code);
        Assert.Contains("'file' changed", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_was_swapped_for_a_link_since_the_scan_is_not_followed()
    {
        Write("d/file", "1234");
        Write("elsewhere/file", "1234");
        using var tree = SourceTree.Scan(_folder.Path);
        Directory.Delete(_folder["d"], recursive: true);
        File.CreateSymbolicLink(_folder["d"], "elsewhere");

        Assert.Equal(
            "IO_ERROR", Assert.Throws<ChunkOta.Durable.FileSystemException>(() => tree.Open(tree.Entries[0])).Code);
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "creat")]
    private static partial Microsoft.Win32.SafeHandles.SafeFileHandle CreateFile(byte[] path, uint mode);

    private static Microsoft.Win32.SafeHandles.SafeFileHandle CreateFile(byte[] path) =>
        CreateFile(path, 0b110_000_000);

    [LibraryImport("libc", EntryPoint = "unlink")]
    private static partial int Unlink(byte[] path);

    private void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllText(_folder[path], content);
    }
}
