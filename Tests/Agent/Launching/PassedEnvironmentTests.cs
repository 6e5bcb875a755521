using ChunkOta.Agent;

namespace ChunkOta.Tests.Agent.Launching;

public sealed class PassedEnvironmentTests
{
    [Fact]
    public void A_program_gets_the_environment_without_the_install_token_and_each_variable_once()
    {
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = "/bin",
            ["OTA_INSTALL_TOKEN"] = "secret",
            ["OTA_SLOT"] = "B",
        };

        Assert.Equal(["PATH=/bin", "OTA_SLOT=A"], PassedEnvironment.Of(environment, ("OTA_SLOT", "A")));
    }
}
