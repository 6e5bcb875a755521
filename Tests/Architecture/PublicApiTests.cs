using System.Reflection;
using System.Text;
using ChunkOta.Agent;
using ChunkOta.Protos;
using ChunkOta.Tests.Support;
using Google.Protobuf;
using PublicApiGenerator;

namespace ChunkOta.Tests.Architecture;

/// <summary>
/// The public surface of what others build on, as files that a change must touch; <c>UPDATE_GOLDEN=1</c> rewrites them.
/// </summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_engine_offers_what_its_list_says() => AssertIsListed(typeof(UpdateAgent).Assembly, "agent-core");

    [Fact]
    public void The_contract_offers_what_its_list_says() =>
        AssertIsListed(typeof(SignedDocument).Assembly, "protos-contract");

    private static void AssertIsListed(Assembly assembly, string name)
    {
        var options = new ApiGeneratorOptions
        {
            // Code that the protobuf compiler makes is described by the .proto files.
            IncludeTypes = [.. assembly.GetExportedTypes().Where(type => !IsGenerated(type))],
            IncludeAssemblyAttributes = false,
        };

        Golden.Equal($"public-api/{name}.txt", Encoding.UTF8.GetBytes(assembly.GeneratePublicApi(options) + "\n"));
    }

    private static bool IsGenerated(Type type) =>
        type.Namespace == "ChunkOta.Protos.V1"
        || typeof(IMessage).IsAssignableFrom(type)
        || type.GetCustomAttributesData().Any(attribute => attribute.AttributeType.Name == "GeneratedCodeAttribute")
        || type.Name.EndsWith("Reflection", StringComparison.Ordinal)
        || (type.DeclaringType is { } outer && IsGenerated(outer))
        || (type.IsEnum && type.GetFields().Any(field =>
            field.GetCustomAttributesData().Any(attribute => attribute.AttributeType.Name == "OriginalNameAttribute")));
}
