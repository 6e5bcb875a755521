using ChunkOta.Admin;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Admin.Keys;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class PublisherKeysTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    private string Keys => _folder["keys"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void New_keys_can_be_opened_and_sign_what_their_root_believes()
    {
        var root = PublisherKeys.Create(Keys, Now.AddDays(-2), Now.AddDays(365));

        using var keys = Open();

        Assert.Equal(root.Digest, keys.Root.Digest);
        SignedDocument.CheckSignatures(
            SignedDocument.Sign(PayloadTypes.Pointer, "x"u8, keys.Channel!), PayloadTypes.Pointer,
            keys.Root.Keys(RoleKeys.ChannelRole), "app");
        SignedDocument.CheckSignatures(
            SignedDocument.Sign(PayloadTypes.Manifest, "x"u8, keys.Release!), PayloadTypes.Manifest,
            keys.Root.Keys(RoleKeys.ReleaseRole), "app");
    }

    [Fact]
    public void Key_files_are_for_their_owner_alone()
    {
        PublisherKeys.Create(Keys, Now.AddDays(-2), Now.AddDays(365));

        Assert.All(Directory.GetFiles(Keys, "*.key"), path =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path)));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Keys));
        Assert.Equal(3, Directory.GetFiles(Keys, "*.key").Length);
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    public void A_key_that_others_can_reach_is_refused(UnixFileMode mode)
    {
        PublisherKeys.Create(Keys, Now.AddDays(-2), Now.AddDays(365));
        File.SetUnixFileMode(Path.Combine(Keys, "release.key"), UnixFileMode.UserRead | mode);

        Assert.Equal("KEY_EXPOSED", Assert.Throws<ChunkOtaException>(Open).Code);
    }

    [Fact]
    public void Existing_keys_are_never_overwritten()
    {
        PublisherKeys.Create(Keys, Now.AddDays(-2), Now.AddDays(365));
        var before = File.ReadAllText(Path.Combine(Keys, "root.key"));

        Assert.Equal(
            "USAGE",
            Assert.Throws<ChunkOtaException>(() => PublisherKeys.Create(Keys, Now, Now.AddDays(365))).Code);
        Assert.Equal(before, File.ReadAllText(Path.Combine(Keys, "root.key")));
    }

    [Fact]
    public void A_key_of_another_root_is_refused()
    {
        PublisherKeys.Create(Keys, Now.AddDays(-2), Now.AddDays(365));
        PublisherKeys.Create(_folder["other"], Now.AddDays(-2), Now.AddDays(365));
        File.Copy(Path.Combine(_folder["other"], "release.key"), Path.Combine(Keys, "release.key"), overwrite: true);

        Assert.Equal("KEY_INVALID", Assert.Throws<ChunkOtaException>(Open).Code);
    }

    [Fact]
    public void A_key_of_another_role_is_refused()
    {
        PublisherKeys.Create(Keys, Now.AddDays(-2), Now.AddDays(365));
        File.Copy(Path.Combine(Keys, "channel.key"), Path.Combine(Keys, "release.key"), overwrite: true);

        Assert.Equal("KEY_INVALID", Assert.Throws<ChunkOtaException>(Open).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"type\":\"ed25519\",\"role\":\"release\",\"public\":\"00\",\"secret\":\"zz\"}")]
    [InlineData("{\"type\":\"ed25519\",\"role\":\"release\",\"public\":\"00\",\"secret\":\"0011\"}")]
    public void A_file_that_is_no_key_is_refused_without_quoting_it(string content)
    {
        PublisherKeys.Create(Keys, Now.AddDays(-2), Now.AddDays(365));
        File.WriteAllText(Path.Combine(Keys, "release.key"), content);

        var refused = Assert.Throws<ChunkOtaException>(Open);

        Assert.Equal("KEY_INVALID", refused.Code);
        Assert.DoesNotContain("0011", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Renewing_needs_no_release_key()
    {
        PublisherKeys.Create(Keys, Now.AddDays(-2), Now.AddDays(365));
        File.Delete(Path.Combine(Keys, "release.key"));
        File.Delete(Path.Combine(Keys, "root.key"));

        using var keys = PublisherKeys.Open(KeySource.Of(Keys), "app", needsRelease: false, Now);

        Assert.Null(keys.Release);
        Assert.NotNull(keys.Channel);
        Assert.Equal("KEY_INVALID", Assert.Throws<ChunkOtaException>(Open).Code);
    }

    [Fact]
    public void An_expired_root_is_refused()
    {
        PublisherKeys.Create(Keys, Now.AddDays(-2), Now.AddDays(-1));

        Assert.Equal("ROOT_EXPIRED", Assert.Throws<ChunkOtaException>(Open).Code);
    }

    [Fact]
    public void A_changed_root_is_refused()
    {
        PublisherKeys.Create(Keys, Now.AddDays(-2), Now.AddDays(365));
        var path = Path.Combine(Keys, "root.json");
        var envelope = SignedDocument.FromJson(File.ReadAllBytes(path));
        var payload = envelope.Payload.ToByteArray();
        payload[^1] ^= 1;
        envelope.Payload = Google.Protobuf.ByteString.CopyFrom(payload);
        File.WriteAllText(path, SignedDocument.ToJson(envelope));

        Assert.ThrowsAny<ChunkOtaException>(Open);
    }

    private PublisherKeys Open() => PublisherKeys.Open(KeySource.Of(Keys), "app", needsRelease: true, Now);
}
