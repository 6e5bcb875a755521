using System.Diagnostics;
using System.Net;
using ChunkOta.Server;
using ChunkOta.Storage;

namespace ChunkOta.Tests.Server.Failures;

public sealed class CallerGateTests
{
    [Fact]
    public async Task Nothing_is_looked_up_or_verified_for_an_address_over_its_limit()
    {
        using var limits = new CallerLimits();
        var gate = new CallerGate(
            null!, limits, new CallerBudgets(0, 0, 0, TimeProvider.System), TimeProvider.System);
        var peer = IPAddress.Parse("2001:db8::1");
        var looked = 0;
        await gate.PassAsync(peer, CredentialKind.Signature, "known", () => ValueTask.FromResult(true));

        for (var i = 0; i < 2000; i++)
            await FailAsync($"device{i}");

        Assert.InRange(looked, 200, 1000);
        Assert.True(await gate.PassAsync(peer, CredentialKind.Signature, "known", () => ValueTask.FromResult(true)));
        // A place comes free every 50 ms: no more new ones than that are let through.
        const int Tries = 100;
        var admitted = 0;
        var since = Stopwatch.StartNew();
        for (var i = 0; i < Tries; i++)
        {
            await FailAsync($"more{i}");
            try
            {
                await gate.PassAsync(peer, CredentialKind.Signature, $"new{i}", () => ValueTask.FromResult(true));
                admitted++;
            }
            catch (ChunkOtaException e)
            {
                Assert.Equal(ErrorCodes.RateLimited, e.Code);
            }
        }
        Assert.InRange(admitted, 0, Math.Min(Tries - 1, 2 + (int)(since.ElapsedMilliseconds / 50)));

        async Task FailAsync(string caller) => await Assert.ThrowsAnyAsync<ChunkOtaException>(
            async () => await gate.PassAsync<bool>(
                peer, CredentialKind.Signature, caller, () =>
                {
                    looked++;
                    throw new ChunkOtaException(ErrorCodes.DeviceUnknown, "unknown");
                }));
    }
}
