using System.Reflection;
using System.Security.Cryptography;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Compression;

namespace ChunkOta.Tests.Protos.StandIn;

/// <summary>The real gRPC binaries find in the stand-ins all they were compiled against.</summary>
public sealed class BindingTests
{
    private static readonly Assembly[] StandIns = [typeof(Metadata).Assembly, typeof(ICompressionProvider).Assembly];

    public static TheoryData<string, string, string> RealBinaries => RealBinary.All;

    [Theory, MemberData(nameof(RealBinaries))]
    public void A_real_binary_is_the_one_that_was_examined(string package, string framework, string sha256)
    {
        var bytes = File.ReadAllBytes(RealBinary.PathOf(package, framework));

        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    [Theory, MemberData(nameof(RealBinaries))]
    public void Every_type_and_member_that_a_real_binary_asks_for_is_there(string package, string framework, string _)
    {
        var offered = StandIns.SelectMany(standIn => Definitions.Of(standIn.Location)).ToHashSet(StringComparer.Ordinal);
        var asked = References.Of(RealBinary.PathOf(package, framework), [.. StandIns.Select(s => s.GetName().Name!)]);

        var missing = asked.Types.Concat(asked.Members).Where(each => !offered.Contains(each));

        Assert.Empty(missing);
        Assert.True(asked.Members.Count >= 45, $"Only {asked.Members.Count} members found: are they still read?");
    }

    [Theory]
    [InlineData(typeof(GrpcChannel))]
    [InlineData(typeof(GrpcServiceOptions))]
    public void Every_type_of_a_real_binary_loads_over_the_stand_ins(Type ofRealBinary)
    {
        var types = ofRealBinary.Assembly.GetTypes();

        Assert.Contains(ofRealBinary, types);
    }

    [Fact]
    public void The_stand_ins_bear_the_identity_of_what_they_stand_in_for()
    {
        var identities = StandIns.Select(standIn => standIn.FullName);

        Assert.Equal(
        [
            "Grpc.Core.Api, Version=2.0.0.0, Culture=neutral, PublicKeyToken=d754f35622e28bad",
            "Grpc.Net.Common, Version=2.0.0.0, Culture=neutral, PublicKeyToken=d754f35622e28bad",
        ], identities);
    }

    [Fact]
    public void The_stand_ins_are_signed_with_the_public_key_of_the_real_binaries()
    {
        var real = typeof(GrpcChannel).Assembly.GetName().GetPublicKey();

        Assert.All(StandIns, standIn => Assert.Equal(real, standIn.GetName().GetPublicKey()));
    }
}
