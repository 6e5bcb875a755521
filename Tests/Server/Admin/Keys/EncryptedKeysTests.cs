using ChunkOta.Admin;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Admin.Keys;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class EncryptedKeysTests : IDisposable
{
    private const string Passphrase = "correct horse battery";

    private readonly TemporaryFolder _folder = new();
    private readonly AdminInProcess _admin = new();

    private string Keys => _folder["keys"];

    private string PassphraseFile => _folder["passphrase"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Encrypted_keys_need_their_passphrase_and_a_wrong_one_changes_nothing()
    {
        await InitAsync();
        Assert.All(Directory.GetFiles(Keys, "*.key"), path => Assert.True(KeyFile.Find(path)!.IsEncrypted));
        var before = Snapshot();

        File.WriteAllText(PassphraseFile, "something else\n");
        (await RotateAsync()).Refused("KEY_LOCKED", 2);
        (await _admin.RunAsync("keys", "rotate", "root", "--keys", Keys)).Refused("KEY_LOCKED", 2);
        Assert.Equal(before, Snapshot());

        File.WriteAllText(PassphraseFile, Passphrase + "\r\n");
        (await RotateAsync()).Succeeded();
        Assert.True(KeyFile.Find(Path.Combine(Keys, "root.key"))!.IsEncrypted);
        (await RotateAsync()).Succeeded();
    }

    [Fact]
    public async Task A_person_is_asked_and_asked_twice_for_a_new_passphrase()
    {
        _admin.Secrets = new(["long enough", "long enouhg"]);
        (await _admin.RunAsync("keys", "init", "--out", Keys, "--encrypt")).Refused("USAGE", 2);
        Assert.False(Directory.Exists(Keys));
        _admin.Secrets = new(["short", "short"]);
        (await _admin.RunAsync("keys", "init", "--out", Keys, "--encrypt")).Refused("USAGE", 2);

        _admin.Secrets = new([Passphrase, Passphrase, Passphrase]);
        (await _admin.RunAsync("keys", "init", "--out", Keys, "--encrypt")).Succeeded();
        (await _admin.RunAsync("keys", "renew", "--keys", Keys)).Succeeded();
        Assert.Empty(_admin.Secrets);
    }

    [Fact]
    public async Task A_passphrase_is_changed_and_removed_and_an_interrupted_change_is_finished()
    {
        await InitAsync();
        var locked = File.ReadAllText(Path.Combine(Keys, "channel.key"));
        File.WriteAllText(_folder["new"], "another passphrase");
        string[] change = ["keys", "passwd", "--keys", Keys, "--passphrase-file", PassphraseFile];

        (await _admin.RunAsync([.. change, "--new-passphrase-file", _folder["new"]])).Succeeded();
        // As if the change had been cut short before the last key.
        File.WriteAllText(Path.Combine(Keys, "channel.key"), locked);
        (await _admin.RunAsync([.. change, "--new-passphrase-file", _folder["new"]])).Succeeded();
        (await RotateAsync()).Refused("KEY_LOCKED", 2);

        File.Copy(_folder["new"], PassphraseFile, overwrite: true);
        (await _admin.RunAsync([.. change, "--remove"])).Succeeded();
        using var keys = PublisherKeys.Open(
            KeySource.Of(Keys), "app", needsRelease: true, TimeProvider.System.GetUtcNow());
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Keys, "root.key")));
    }

    [Fact]
    public async Task Replaced_keys_and_what_a_killed_process_left_are_not_kept_in_plain_text()
    {
        (await _admin.RunAsync("keys", "init", "--out", Keys)).Succeeded();
        (await _admin.RunAsync("keys", "rotate", "release", "--keys", Keys)).Succeeded();
        (await _admin.RunAsync("keys", "rotate", "root", "--keys", Keys)).Succeeded();
        File.Copy(Path.Combine(Keys, "channel.key"), Path.Combine(Keys, ".channel.key.4711-1.tmp"));
        var secrets = Directory.GetFiles(Keys, "*.key").Select(path => KeyFile.Find(path)!.Secret!).ToList();
        Assert.Equal(5, secrets.Count);
        File.WriteAllText(PassphraseFile, Passphrase);

        var run = (await _admin.RunAsync(
            "keys", "passwd", "--keys", Keys, "--new-passphrase-file", PassphraseFile)).Succeeded();

        Assert.Equal("encrypted: channel, release.1, release, root.2, root\n", run.Out);
        var bytes = Snapshot();
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, bytes, StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(Keys, ".*"));
        Assert.All(Directory.GetFiles(Keys, "*.key"), path => Assert.True(KeyFile.Find(path)!.IsEncrypted));
        (await RotateAsync()).Succeeded();
    }

    [Theory]
    [InlineData("root.key")]
    [InlineData("release.1.key")]
    public async Task A_key_behind_a_symbolic_link_is_not_replaced_by_a_copy(string name)
    {
        (await _admin.RunAsync("keys", "init", "--out", Keys)).Succeeded();
        (await _admin.RunAsync("keys", "rotate", "release", "--keys", Keys)).Succeeded();
        File.WriteAllText(PassphraseFile, Passphrase);
        File.Move(Path.Combine(Keys, name), _folder["elsewhere"]);
        File.CreateSymbolicLink(Path.Combine(Keys, name), _folder["elsewhere"]);
        var before = Snapshot();

        var run = await _admin.RunAsync(
            "keys", "passwd", "--keys", Keys, "--new-passphrase-file", PassphraseFile);
        run.Refused("USAGE", 2);

        Assert.Contains($"{name}' is a symbolic link: ", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, Snapshot());
        (await _admin.RunAsync("keys", "renew", "--keys", Keys)).Succeeded();
    }

    [Theory]
    [InlineData("\"iterations\":600000", "\"iterations\":2000000000")]
    [InlineData("\"iterations\":600000", "\"iterations\":1")]
    [InlineData("pbkdf2-sha512", "pbkdf2-md5")]
    [InlineData("\"salt\":\"", "\"salt\":\"00")]
    public async Task A_file_that_asks_for_other_costs_is_refused_at_once(string from, string to)
    {
        await InitAsync();
        var path = Path.Combine(Keys, "root.key");
        var text = File.ReadAllText(path);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));

        (await RotateAsync()).Refused("KEY_INVALID", 2);
    }

    [Fact]
    public async Task Keys_come_from_the_environment_and_standard_input()
    {
        (await _admin.RunAsync("keys", "init", "--out", Keys)).Succeeded();
        var rootKey = File.ReadAllText(Path.Combine(Keys, "root.key"));
        File.Delete(Path.Combine(Keys, "root.key"));
        (await _admin.RunAsync("keys", "renew", "--keys", Keys)).Refused("KEY_INVALID", 2);
        (await _admin.RunAsync("keys", "renew", "--keys", Keys, "--key-env", "CHUNKOTA_TEST_NO_SUCH")).Refused(
            "KEY_INVALID", 2);

        Environment.SetEnvironmentVariable("CHUNKOTA_TEST_ROOT_KEY", rootKey);
        (await _admin.RunAsync("keys", "renew", "--keys", Keys, "--key-env", "CHUNKOTA_TEST_ROOT_KEY")).Succeeded();
        _admin.Input = $"{File.ReadAllText(Path.Combine(Keys, "channel.key"))}\n{rootKey}\n";
        (await _admin.RunAsync("keys", "renew", "--keys", Keys, "--key-stdin")).Succeeded();
        Assert.Equal(3ul, KeyFolder.ReadRoot(Path.Combine(Keys, "root.json")).Version);
    }

    private async Task InitAsync()
    {
        File.WriteAllText(PassphraseFile, Passphrase + "\n");
        (await _admin.RunAsync(
            "keys", "init", "--out", Keys, "--encrypt", "--passphrase-file", PassphraseFile)).Succeeded();
    }

    private Task<ProgramRun> RotateAsync() =>
        _admin.RunAsync("keys", "rotate", "root", "--keys", Keys, "--passphrase-file", PassphraseFile);

    private string Snapshot() => string.Join(
        '\n', Directory.GetFiles(Keys).Order(StringComparer.Ordinal).Select(path => path + File.ReadAllText(path)));
}
