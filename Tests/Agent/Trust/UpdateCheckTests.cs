using ChunkOta.Protos;
using ChunkOta.Protos.V1;
using ChunkOta.Tests.Agent.Support;
using Google.Protobuf;

namespace ChunkOta.Tests.Agent.Trust;

/// <summary>Each attack gives its own code, changes nothing installed or trusted,
/// and the next honest run succeeds.</summary>
public sealed class UpdateCheckTests : IDisposable
{
    private readonly AgentRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task TUF_01_A_manifest_signed_by_another_key_is_refused()
    {
        await InstalledAsync();
        using var thief = SigningKey.Generate();
        var release = Second();
        _rig.Source.Publish(release, 2);
        _rig.Source.Add(release, SignedDocument.Sign(PayloadTypes.Manifest, release.Manifest.ToByteArray(), thief));

        await _rig.RefusedAsync("SIG_INVALID");
        await HealsAsync();
    }

    [Fact]
    public async Task TUF_01_A_pointer_signed_by_the_release_key_is_refused()
    {
        await InstalledAsync();
        _rig.Source.Publish(Second(), 2);
        _rig.Source.Pointer = SignedDocument.Sign(
            PayloadTypes.Pointer, _rig.Source.Pointer!.Payload.Span, _rig.Publisher.ReleaseKey);

        await _rig.RefusedAsync("SIG_INVALID");
        await HealsAsync();
    }

    [Fact]
    public async Task TUF_01_A_changed_byte_of_the_manifest_is_refused()
    {
        await InstalledAsync();
        _rig.Source.Publish(Second(), 2);
        _rig.Source.TamperTransfer = transfer =>
        {
            var changed = transfer.ToArray();
            changed[^3] ^= 1;
            return changed;
        };

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Contains(failure.Code, new[] { "DIGEST_MISMATCH", "FRAME_INVALID" });
        _rig.AssertCurrent(First());
        _rig.Source.TamperTransfer = null;
        await HealsAsync();
    }

    [Theory]
    [InlineData(1ul << 33, 100ul)]
    [InlineData(1000ul, 100_000ul)]
    public async Task TUF_02_A_manifest_longer_than_signed_is_refused_before_it_is_read(ulong payload, ulong transfer)
    {
        await InstalledAsync();
        var release = Second();
        _rig.Source.Publish(release, 2, pointer => pointer.Current.ManifestBytes = payload);
        _rig.Source.TamperHeader = header =>
        {
            header.Manifest.PayloadBytes = payload;
            header.TransferBytes = transfer;
        };

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Contains(failure.Code, new[] { "TOO_LARGE", "POINTER_INVALID" });
        _rig.Source.TamperHeader = null;
        await HealsAsync();
    }

    [Fact]
    public async Task TUF_04_A_stolen_key_cannot_close_the_channel_for_ever()
    {
        await InstalledAsync();
        _rig.Source.Publish(First(), ulong.MaxValue);
        await _rig.UpdateAsync();
        _rig.Source.Publish(Second(), 2);
        await _rig.RefusedAsync("ROLLBACK");

        _rig.Publisher.ChannelKey = SigningKey.Generate();
        _rig.Publisher.RotateRoot();
        _rig.Source.Publish(Second(), 2);

        await _rig.UpdateAsync();
        _rig.AssertCurrent(Second());
    }

    [Fact]
    public async Task TUF_05_An_expired_pointer_installs_nothing_new_and_stops_nothing_old()
    {
        await InstalledAsync();
        _rig.Source.Publish(Second(), 2);
        _rig.Clock.Now += TimeSpan.FromDays(8);

        await _rig.RefusedAsync("EXPIRED");

        _rig.AssertCurrent(First());
        Assert.True(_rig.Installed.Get("editor").IsStale);
        await HealsAsync();
    }

    [Fact]
    public async Task TUF_05_A_clock_set_back_does_not_make_an_expired_pointer_fresh()
    {
        await InstalledAsync();
        var expired = _rig.Publisher.PointerTo(Second(), 2);
        expired.IssuedUnixSeconds -= 30 * 86_400;
        expired.ExpiresUnixSeconds -= 23 * 86_400 + 1;
        _rig.Source.Publish(Second(), 2);
        _rig.Source.Pointer = _rig.Publisher.Sign(expired);
        _rig.Clock.Now -= TimeSpan.FromDays(40);

        await _rig.RefusedAsync("EXPIRED");
    }

    [Fact]
    public async Task TUF_07_A_manifest_other_than_the_pointers_is_refused()
    {
        await InstalledAsync();
        var other = _rig.Source.Publish(new TestRelease("1.9.0", 9).File("x", "other"), 3);
        _rig.Source.Publish(Second(), 2);
        _rig.Source.TamperHeader = header => header.Manifest.Digest = other.ToByteString();

        await _rig.RefusedAsync("DIGEST_MISMATCH");
        _rig.Source.TamperHeader = null;
        await HealsAsync();
    }

    [Fact]
    public async Task TUF_08_A_pointer_older_than_the_accepted_one_is_refused()
    {
        await InstalledAsync(seq: 5);
        _rig.Source.Publish(Second(), 4);

        await _rig.RefusedAsync("ROLLBACK");
        _rig.Source.Publish(Second(), 6);
        await HealsAsync();
    }

    [Fact]
    public async Task TUF_08_A_server_that_was_restored_is_refused_all_the_same_but_not_called_an_attacker()
    {
        await InstalledAsync(seq: 5);
        _rig.Source.TamperHeader = header => header.ServerIsBehind = true;

        _rig.Source.Publish(Second(), 4);
        await _rig.RefusedAsync("SERVER_BEHIND");
        _rig.AssertCurrent(First());
        _rig.Source.Publish(Second(), 5);
        await _rig.RefusedAsync("EQUIVOCATION");

        _rig.Source.TamperHeader = null;
        _rig.Source.Publish(Second(), 6);
        await HealsAsync();
    }

    [Fact]
    public async Task TUF_08_Two_pointers_of_one_number_are_equivocation()
    {
        await InstalledAsync(seq: 5);
        _rig.Source.Publish(Second(), 5);

        await _rig.RefusedAsync("EQUIVOCATION");
    }

    [Fact]
    public async Task TUF_08_An_older_release_is_refused_whatever_the_pointers_number()
    {
        await InstalledAsync();
        _rig.Source.Publish(Second(), 2);
        await _rig.UpdateAsync();
        _rig.Source.Publish(First(), 3);

        await _rig.RefusedAsync("ROLLBACK");
    }

    [Fact]
    public async Task TUF_08_Losing_the_trust_store_does_not_lose_the_counter()
    {
        await InstalledAsync();
        _rig.Source.Publish(Second(), 2);
        await _rig.UpdateAsync();
        foreach (var file in Directory.GetFiles(_rig.Home.StateDirectory))
            File.Delete(file);
        _rig.Source.Publish(First(), 3);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal("ROLLBACK", failure.Code);
    }

    [Fact]
    public async Task TUF_08_A_release_below_the_floor_of_the_accepted_one_is_not_reverted_to()
    {
        await InstalledAsync();
        _rig.Source.Publish(Second().With(manifest => manifest.Floor = 2), 2);
        await _rig.UpdateAsync();

        var failure = Assert.ThrowsAny<ChunkOtaException>(() => _rig.Installed.Revert("editor"));

        Assert.Equal("ROLLBACK", failure.Code);
        Assert.Equal("1.1.0", _rig.Activation.FindCurrent());
    }

    [Theory]
    [InlineData("product")]
    [InlineData("platform")]
    [InlineData("channel")]
    public async Task TUF_11_A_pointer_for_something_else_is_refused(string field)
    {
        await InstalledAsync();
        _rig.Source.Publish(Second(), 2, pointer =>
        {
            pointer.Product = field == "product" ? "viewer" : pointer.Product;
            pointer.Platform = field == "platform" ? "linux-arm64" : pointer.Platform;
            pointer.Channel = field == "channel" ? "beta" : pointer.Channel;
        });

        await _rig.RefusedAsync("WRONG_TARGET");
        await HealsAsync();
    }

    [Theory]
    [InlineData("product")]
    [InlineData("platform")]
    public async Task TUF_11_A_manifest_for_something_else_is_refused(string field)
    {
        await InstalledAsync();
        _rig.Source.Publish(
            Second().With(manifest =>
            {
                manifest.Product = field == "product" ? "viewer" : manifest.Product;
                manifest.Platform = field == "platform" ? "linux-arm64" : manifest.Platform;
            }),
            2,
            pointer => (pointer.Product, pointer.Platform) = ("editor", "linux-x64"));

        await _rig.RefusedAsync("WRONG_TARGET");
        await HealsAsync();
    }

    [Fact]
    public async Task TUF_12_A_manifest_is_not_taken_for_a_pointer()
    {
        await InstalledAsync();
        _rig.Source.Publish(Second(), 2);
        _rig.Source.TamperHeader = header => header.Pointer = _rig.Publisher.Sign(Second().Manifest);

        await _rig.RefusedAsync("SIG_INVALID");
        _rig.Source.TamperHeader = null;
        await HealsAsync();
    }

    [Fact]
    public async Task TUF_13_A_first_root_that_is_not_the_pinned_one_is_refused()
    {
        _rig.Source.Publish(First(), 1);
        using var thief = new TestPublisher(_rig.Clock);
        _rig.Source.TamperHeader = header =>
        {
            header.Roots.Clear();
            header.Roots.Add(thief.Roots);
        };
        await _rig.TrustStore.UpdateAsync(
            _rig.Trust.Server, "editor", _ => _rig.Trust, CancellationToken.None);

        await _rig.RefusedAsync("ROOT_CHAIN");
    }

    [Fact]
    public async Task TUF_13_A_root_that_the_old_one_did_not_sign_is_refused()
    {
        await InstalledAsync();
        using var thief = SigningKey.Generate();
        _rig.Source.Publish(Second(), 2);
        _rig.Publisher.Roots.Add(_rig.Publisher.SignRoot(2, [thief]));

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Contains(failure.Code, new[] { "SIG_INVALID", "ROOT_CHAIN" });
        _rig.Publisher.Roots.RemoveAt(1);
        await HealsAsync();
    }

    [Fact]
    public async Task TUF_13_A_device_that_slept_through_many_roots_walks_the_chain()
    {
        await InstalledAsync();
        for (var i = 0; i < 20; i++)
            _rig.Publisher.RotateRoot();
        _rig.Source.Publish(Second(), 2);

        await _rig.UpdateAsync();

        _rig.AssertCurrent(Second());
        Assert.Equal(21ul, VerifiedRoot.SelfSigned(Envelope.Parser.ParseFrom(_rig.Trust.Root)).Version);
        Assert.Equal(3, _rig.Source.Checks.Count);
    }

    [Fact]
    public async Task An_expired_root_installs_nothing()
    {
        await InstalledAsync();
        _rig.Publisher.Roots.Add(_rig.Publisher.SignRoot(
            2, [_rig.Publisher.RootKey], expires: _rig.Clock.Now.AddDays(-1)));
        _rig.Source.Publish(Second(), 2);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Contains(failure.Code, new[] { "ROOT_EXPIRED", "EXPIRED" });
        _rig.AssertCurrent(First());
    }

    [Fact]
    public async Task A_withdrawn_release_is_neither_installed_nor_reverted_to()
    {
        await InstalledAsync();
        _rig.Source.Publish(Second(), 2);
        await _rig.UpdateAsync();
        var first = _rig.States.Get("editor").Previous!.Value;
        _rig.Source.Publish(Third(), 3, pointer => pointer.Revoked.Add(first.ToByteString()));
        await _rig.UpdateAsync("1.1.0");

        Assert.Equal("REVOKED", Assert.ThrowsAny<ChunkOtaException>(() => _rig.Installed.Revert("editor")).Code);
        await _rig.RefusedAsync("REVOKED", "1.0.0");
    }

    [Fact]
    public async Task An_unsigned_hint_takes_the_candidate_and_nothing_else()
    {
        await InstalledAsync();
        var candidate = _rig.Source.Publish(Third(), 2);
        _rig.Source.Publish(Second(), 3, pointer =>
        {
            pointer.Candidate = TestPublisher.TargetOf(Third());
            pointer.RolloutId = "spring";
        });
        _rig.Source.TamperHeader = header => header.TakeCandidate = true;
        await _rig.RefusedAsync("DIGEST_MISMATCH");
        _rig.Source.TamperHeader = header =>
        {
            header.TakeCandidate = true;
            header.Manifest = new DocumentRef
            {
                Digest = candidate.ToByteString(),
                PayloadBytes = (ulong)Third().Manifest.CalculateSize(),
            };
        };

        // The source sends the current release's bytes under the candidate's name.
        await _rig.RefusedAsync("DIGEST_MISMATCH");
    }

    [Fact]
    public async Task A_server_that_says_that_a_manifest_is_held_does_not_save_its_signature()
    {
        await InstalledAsync();
        var digest = _rig.Source.Publish(Second(), 2);
        _rig.Source.TamperHeader = header => header.IsHeld = true;

        await _rig.RefusedAsync("DIGEST_MISMATCH");
        Assert.NotEqual(default, digest);
    }

    [Fact]
    public async Task A_manifest_that_breaks_a_rule_is_refused_though_it_is_signed()
    {
        await InstalledAsync();
        _rig.Source.Publish(Second().With(manifest => manifest.Entries[0].Path = "../escape"), 2);

        var failure = await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal("PATH_DOTDOT", failure.Code);
        Assert.False(File.Exists(Path.Combine(_rig.Folder, "escape")));
        _rig.AssertCurrent(First());
    }

    [Fact]
    public async Task What_was_accepted_is_kept_before_anything_is_fetched()
    {
        await InstalledAsync();
        _rig.Source.Publish(Second(), 7);
        _rig.Source.BeforeFrame = _ => throw new ChunkOtaException("CHUNK_MISSING", "gone");

        await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync());

        Assert.Equal(7ul, _rig.Trust.Find("stable", "linux-x64")!.Seq);
        Assert.Equal(1ul, _rig.Trust.AcceptedCounter);
        _rig.Source.BeforeFrame = null;
        _rig.Source.Publish(Second(), 6);
        Assert.Equal("ROLLBACK", (await Assert.ThrowsAnyAsync<ChunkOtaException>(() => _rig.UpdateAsync())).Code);
    }

    private static TestRelease First() => new TestRelease("1.0.0", 1).File("a", "one").File("b", "two");

    private static TestRelease Second() => new TestRelease("1.1.0", 2).File("a", "one").File("b", "three");

    private static TestRelease Third() => new TestRelease("1.2.0", 3).File("a", "one").File("b", "four");

    private async Task InstalledAsync(ulong seq = 1)
    {
        _rig.Source.Publish(First(), seq);
        await _rig.UpdateAsync();
        _rig.Source.Checks.Clear();
    }

    private async Task HealsAsync()
    {
        _rig.Source.Publish(Second(), 10);
        await _rig.UpdateAsync();
        _rig.AssertCurrent(Second());
    }
}
