using ChunkOta.Agent;

namespace ChunkOta.Tests.Agent;

public sealed class SelfTestTests
{
    [Fact]
    public void Every_check_has_a_name_of_its_own_and_finds_no_problem_here()
    {
        var checks = SelfTest.Checks().ToList();

        Assert.Equal(checks.Count, checks.Select(check => check.Name).Distinct().Count());
        Assert.All(checks, check => Assert.True(check.Run() is null, check.Name));
    }
}
