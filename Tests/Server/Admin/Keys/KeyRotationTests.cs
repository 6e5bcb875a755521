using ChunkOta.Admin;
using ChunkOta.Durable;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;
using Google.Protobuf;

namespace ChunkOta.Tests.Admin.Keys;

/// <summary>Roots follow one another, and a folder of keys can be used whenever a change of it was cut short.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class KeyRotationTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly TemporaryFolder _folder = new();
    private readonly AdminInProcess _admin = new();

    private string Keys => _folder["keys"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Five_renewals_are_a_chain_with_the_same_keys()
    {
        await InitAsync();
        var first = KeyFolder.ReadRoot(Path.Combine(Keys, "root.json"));
        for (var year = 1; year < 5; year++)
        {
            _admin.Clock.Advance(TimeSpan.FromDays(300));
            (await _admin.RunAsync("keys", "renew", "--keys", Keys)).Succeeded();
        }

        var chain = KeyFolder.ReadChain(Path.Combine(Keys, "root.json"));

        Assert.Equal([1ul, 2, 3, 4, 5], chain.Select(root => root.Version));
        Assert.Equal(first.Digest, chain[0].Digest);
        Assert.Equal(first.Value.Roles, chain[^1].Value.Roles);
        Assert.True(chain[^1].Expires > Now.AddDays(1500));
    }

    [Fact]
    public async Task A_folder_of_keys_that_is_a_link_works()
    {
        Directory.CreateDirectory(_folder["usb"]);
        File.CreateSymbolicLink(Keys, _folder["usb"]);

        await InitAsync();
        _admin.Clock.Advance(TimeSpan.FromDays(300));
        (await _admin.RunAsync("keys", "renew", "--keys", Keys)).Succeeded();

        Assert.True(File.Exists(_folder["usb/root.2.json"]) || File.Exists(_folder["usb/root.1.json"]));
    }

    [Theory]
    [InlineData("root", false, 1)]
    [InlineData("channel", false, 1)]
    [InlineData("release", false, 2)]
    [InlineData("release", true, 1)]
    public async Task A_rotated_key_takes_over_and_the_old_one_is_kept_aside(string role, bool isRevoked, int keysLeft)
    {
        await InitAsync();
        var old = KeyFile.Find(KeyOf(role))!.Public;

        (await _admin.RunAsync(
            ["keys", "rotate", role, "--keys", Keys, .. isRevoked ? (string[])["--revoke"] : []])).Succeeded();

        var chain = KeyFolder.ReadChain(Path.Combine(Keys, "root.json"));
        var key = KeyFile.Find(KeyOf(role))!.Public;
        Assert.NotEqual(old, key);
        Assert.Equal(old, KeyFile.Find(Path.Combine(Keys, $"{role}.1.key"))!.Public);
        Assert.Equal((2, keysLeft), (chain.Count, chain[1].Keys(role).PublicKeys.Count()));
        Assert.True(chain[1].Keys(role).Contains(Convert.FromHexString(key)));
        using var keys = PublisherKeys.Open(KeySource.Of(Keys), "app", needsRelease: true, Now);
        (await _admin.RunAsync("keys", "renew", "--keys", Keys)).Succeeded();
    }

    [Fact]
    public async Task Only_the_release_role_can_keep_what_its_old_key_signed()
    {
        await InitAsync();

        (await _admin.RunAsync("keys", "rotate", "root", "--keys", Keys, "--revoke")).Refused("USAGE", 2);
        Assert.Equal(1ul, KeyFolder.ReadRoot(Path.Combine(Keys, "root.json")).Version);
    }

    [Theory]
    [InlineData("root")]
    [InlineData("release")]
    [InlineData("channel")]
    public async Task A_rotation_that_fails_at_any_step_leaves_keys_that_work(string role)
    {
        for (var step = 1; ; step++)
        {
            Assert.InRange(step, 1, 40);
            var folder = _folder[$"keys-{role}-{step}"];
            (await _admin.RunAsync("keys", "init", "--out", folder)).Succeeded();
            ProgramRun run;
            using (FaultPoint.Arm($"at={step};mode=eio;path={folder}"))
                run = await _admin.RunAsync("keys", "rotate", role, "--keys", folder);

            using (var keys = PublisherKeys.Open(KeySource.Of(folder), "app", needsRelease: true, Now))
                Assert.InRange(keys.Root.Version, 1ul, 2ul);
            (await _admin.RunAsync("keys", "rotate", role, "--keys", folder)).Succeeded();
            Assert.False(File.Exists(Path.Combine(folder, $"{role}.key.new")));
            (await _admin.RunAsync("keys", "renew", "--keys", folder)).Succeeded();
            if (run.ExitCode == 0)
            {
                Assert.True(step > 8, "no step of a rotation was ever reached");
                return;
            }
        }
    }

    [Fact]
    public async Task A_rotation_killed_at_any_step_leaves_keys_that_work()
    {
        for (var step = 1; ; step++)
        {
            Assert.InRange(step, 1, 40);
            var folder = _folder[$"killed-{step}"];
            (await _admin.RunAsync("keys", "init", "--out", folder)).Succeeded();
            using var process = AdminProcess.Start(
                new Dictionary<string, string> { [FaultPoint.Variable] = $"at={step};mode=kill;path={folder}" },
                "keys", "rotate", "root", "--keys", folder);
            var run = await ProgramRun.FinishAsync(process);

            using (var keys = PublisherKeys.Open(KeySource.Of(folder), "app", needsRelease: true, Now))
                Assert.InRange(keys.Root.Version, 1ul, 2ul);
            (await _admin.RunAsync("keys", "rotate", "root", "--keys", folder)).Succeeded();
            KeyFolder.ReadChain(Path.Combine(folder, "root.json"));
            if (run.ExitCode == 0)
            {
                Assert.True(step > 8, "no step of a rotation was ever reached");
                return;
            }
            Assert.Equal(137, run.ExitCode);
        }
    }

    [Fact]
    public async Task A_folder_that_another_process_changes_is_left_alone()
    {
        await InitAsync();
        var before = Snapshot();

        using (FileLock.Acquire(Path.Combine(Keys, "lock")))
        {
            foreach (var arguments in (string[][])
                [["renew"], ["rotate", "root"], ["rotate", "release"], ["passwd", "--remove"]])
            {
                var run = await _admin.RunAsync(["keys", .. arguments, "--keys", Keys]);
                run.Refused("BUSY", 7);
                Assert.Contains("repeat the command when it has finished", run.Error, StringComparison.Ordinal);
            }
            (await _admin.RunAsync("keys", "show", "--keys", Keys)).Succeeded();
        }

        Assert.Equal(before, Snapshot());
        (await _admin.RunAsync("keys", "rotate", "root", "--keys", Keys)).Succeeded();
    }

    [Fact]
    public async Task Rotations_at_the_same_time_lose_no_key()
    {
        await InitAsync();
        var runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            using var process = AdminProcess.Start(
                new Dictionary<string, string>(), "keys", "rotate", i < 2 ? "root" : "release", "--keys", Keys);
            return await ProgramRun.FinishAsync(process);
        }));

        Assert.Contains(runs, run => run.ExitCode == 0);
        Assert.All(runs, run => Assert.True(run.ExitCode is 0 or 7, run.Error));
        var chain = KeyFolder.ReadChain(Path.Combine(Keys, "root.json"));
        Assert.Equal(1 + runs.Count(run => run.ExitCode == 0), chain.Count);
        var files = Directory.GetFiles(Keys, "*.key").Select(path => KeyFile.Find(path)!.Public).ToHashSet();
        Assert.All(
            chain.SelectMany(root => root.Keys("root").PublicKeys.Concat(root.Keys("release").PublicKeys)),
            key => Assert.Contains(Convert.ToHexStringLower(key.Span), files));
        (await _admin.RunAsync("keys", "renew", "--keys", Keys)).Succeeded();
    }

    [Fact]
    public async Task A_rotation_never_overwrites_a_key_that_was_replaced_before()
    {
        await InitAsync();
        var root = await File.ReadAllBytesAsync(Path.Combine(Keys, "root.json"));
        var key = await File.ReadAllBytesAsync(KeyOf("root"));
        (await _admin.RunAsync("keys", "rotate", "root", "--keys", Keys)).Succeeded();
        // Somebody goes back to a copy of the first root and its key.
        var second = await File.ReadAllBytesAsync(KeyOf("root"));
        File.Move(Path.Combine(Keys, "root.1.key"), _folder["aside"]);
        await File.WriteAllBytesAsync(Path.Combine(Keys, "root.1.key"), second);
        File.SetUnixFileMode(Path.Combine(Keys, "root.1.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await File.WriteAllBytesAsync(Path.Combine(Keys, "root.json"), root);
        await File.WriteAllBytesAsync(KeyOf("root"), key);
        var before = Snapshot();

        var run = await _admin.RunAsync("keys", "rotate", "root", "--keys", Keys);
        run.Refused("USAGE", 2);

        Assert.Contains("root.1.key' is there already: move it", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, Snapshot());
    }

    [Theory]
    [InlineData("root", "renew")]
    [InlineData("root", "rotate release")]
    [InlineData("release", "publish")]
    [InlineData("channel", "publish")]
    public async Task A_role_of_which_two_keys_must_sign_is_named_before_anything_is_signed(string role, string verb)
    {
        await InitAsync();
        var path = Path.Combine(Keys, "root.json");
        using var key = KeyFile.Find(KeyOf("root"))!.Open("root.key", KeyPassphrase.None);
        using var second = SigningKey.Generate();
        var root = KeyFolder.ReadRoot(path).Value.Clone();
        var changed = root.Roles.Single(of => of.Name == role);
        changed.Threshold = 2;
        changed.Keys.Add(new TrustKey { Key = ByteString.CopyFrom(second.PublicKey.Span) });
        await File.WriteAllTextAsync(
            path, SignedDocument.ToJson(SignedDocument.Sign(PayloadTypes.Root, root.ToByteArray(), key, second)));
        var before = Snapshot();

        var run = verb == "publish"
            ? await _admin.RunAsync(
                "publish", _folder.Path, "--product", "app", "--version", "1.0.0", "--platform", "any", "--channel",
                "stable", "--keys", Keys, "--token", "@none")
            : await _admin.RunAsync(["keys", .. verb.Split(' '), "--keys", Keys]);

        run.Refused("KEY_INVALID", 2);
        Assert.Contains(
            $"root.json' asks for the signatures of 2 {role} keys, and this program signs with one", run.Error,
            StringComparison.Ordinal);
        Assert.Equal(before, Snapshot());
    }

    [Fact]
    public async Task Show_names_roles_fingerprints_and_expiry_and_no_secret()
    {
        await InitAsync();
        var secret = KeyFile.Find(KeyOf("release"))!.Secret!;

        var shown = (await _admin.RunAsync("keys", "show", "--keys", Keys)).Succeeded();
        var json = (await _admin.RunAsync("keys", "show", "--keys", Keys, "--json")).Succeeded();

        Assert.Contains("trust root 1, valid until ", shown.Out, StringComparison.Ordinal);
        Assert.Contains(KeyFile.Find(KeyOf("channel"))!.Public[..16], shown.Out, StringComparison.Ordinal);
        Assert.Equal(3, json.Json.GetProperty("keys").GetArrayLength());
        Assert.DoesNotContain(secret, shown.Out + json.Out, StringComparison.Ordinal);
        _admin.Clock.Advance(TimeSpan.FromDays(320));
        var late = (await _admin.RunAsync("keys", "show", "--keys", Keys)).Succeeded();
        Assert.Contains("warning: trust root 1 of ", late.Error, StringComparison.Ordinal);
    }

    private string KeyOf(string role) => Path.Combine(Keys, $"{role}.key");

    private string Snapshot() => string.Join(
        '\n', Directory.GetFiles(Keys).Order(StringComparer.Ordinal).Select(path => path + File.ReadAllText(path)));

    private async Task InitAsync() => (await _admin.RunAsync("keys", "init", "--out", Keys)).Succeeded();
}
