using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ChunkOta.Tests.Protos.StandIn;

/// <summary>What an assembly offers to others, spelled as <see cref="References"/> spells what is asked.</summary>
internal static class Definitions
{
    public static HashSet<string> Of(string file)
    {
        using var image = new PEReader(File.OpenRead(file));
        var reader = image.GetMetadataReader();
        var assembly = reader.GetString(reader.GetAssemblyDefinition().Name);
        var offered = new HashSet<string>(StringComparer.Ordinal);
        foreach (var handle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(handle);
            if (!IsVisible(reader, type)) continue;
            var name = SignatureText.Instance.GetTypeFromDefinition(reader, handle, 0);
            offered.Add($"{assembly}: {name}");
            offered.UnionWith(Members(reader, type).Select(member => $"{name} :: {member}"));
        }

        return offered;
    }

    private static IEnumerable<string> Members(MetadataReader reader, TypeDefinition type)
    {
        foreach (var handle in type.GetMethods())
        {
            var method = reader.GetMethodDefinition(handle);
            var access = method.Attributes & MethodAttributes.MemberAccessMask;
            if (access is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem)
                yield return SignatureText.Of(
                    reader.GetString(method.Name), method.DecodeSignature(SignatureText.Instance, null));
        }

        foreach (var handle in type.GetFields())
        {
            var field = reader.GetFieldDefinition(handle);
            if ((field.Attributes & FieldAttributes.FieldAccessMask) == FieldAttributes.Public)
                yield return SignatureText.Of(
                    reader.GetString(field.Name), field.DecodeSignature(SignatureText.Instance, null));
        }
    }

    private static bool IsVisible(MetadataReader reader, TypeDefinition type) =>
        (type.Attributes & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.Public => true,
            TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem =>
                IsVisible(reader, reader.GetTypeDefinition(type.GetDeclaringType())),
            _ => false,
        };
}
