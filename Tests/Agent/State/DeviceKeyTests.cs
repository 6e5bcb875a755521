using ChunkOta.Agent;
using ChunkOta.Durable;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Agent.State;

public sealed class DeviceKeyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly AgentHome _home;

    public DeviceKeyTests()
    {
        _home = new AgentHome(_folder["home"]);
        _home.Make();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_device_makes_its_key_once_and_keeps_it_for_itself()
    {
        Assert.Null(DeviceKey.Find(_home));

        using var made = DeviceKey.OpenOrCreate(_home);
        using var again = DeviceKey.OpenOrCreate(_home);

        Assert.Equal(made.PublicKey.ToArray(), again.PublicKey.ToArray());
        Assert.True(Fs.FindStatus(_home.DeviceKeyPath)!.Value.Has(Permissions.Private));
        Assert.True(Fs.FindStatus(_home.StateDirectory)!.Value.Has(Permissions.Executable));
    }

    [Fact]
    public void A_key_that_others_may_read_is_not_used()
    {
        DeviceKey.OpenOrCreate(_home).Dispose();
        using (var file = DurableFile.OpenWrite(_home.DeviceKeyPath))
            file.SetPermissions(Permissions.Ordinary);

        Assert.Equal("KEY_EXPOSED", Assert.ThrowsAny<ChunkOtaException>(() => DeviceKey.Find(_home)).Code);
    }

    [Fact]
    public void A_damaged_key_is_an_error_and_never_replaced_silently()
    {
        DeviceKey.OpenOrCreate(_home).Dispose();
        var whole = File.ReadAllBytes(_home.DeviceKeyPath);

        for (var i = 0; i < whole.Length; i += 5)
        {
            var damaged = whole.ToArray();
            damaged[i] ^= 1;
            File.WriteAllBytes(_home.DeviceKeyPath, damaged);
            Assert.Equal("KEY_INVALID", Assert.ThrowsAny<ChunkOtaException>(() => DeviceKey.OpenOrCreate(_home)).Code);
        }
        File.WriteAllBytes(_home.DeviceKeyPath, whole[..40]);
        Assert.Equal("KEY_INVALID", Assert.ThrowsAny<ChunkOtaException>(() => DeviceKey.OpenOrCreate(_home)).Code);
    }
}
