using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace ChunkOta.Tests.Protos.StandIn;

/// <summary>What a binary asks of the stand-ins: types as <c>assembly: type</c>, members as <c>type :: signature</c>.</summary>
internal sealed class References
{
    private readonly Dictionary<string, string> _assemblyOfType = [];
    private readonly SortedSet<string> _members = new(StringComparer.Ordinal);

    private References(MetadataReader reader, IReadOnlyCollection<string> assemblies)
    {
        foreach (var handle in reader.TypeReferences)
        {
            var assembly = AssemblyOf(reader, handle);
            if (assemblies.Contains(assembly))
                _assemblyOfType[SignatureText.Instance.GetTypeFromReference(reader, handle, 0)] = assembly;
        }

        foreach (var handle in reader.MemberReferences)
        {
            var member = reader.GetMemberReference(handle);
            if (DefinitionName(reader, member.Parent) is { } type && _assemblyOfType.ContainsKey(type))
                _members.Add($"{type} :: {Spell(reader, member)}");
        }
    }

    public IEnumerable<string> Types => _assemblyOfType.Select(pair => $"{pair.Value}: {pair.Key}");

    public IReadOnlyCollection<string> Members => _members;

    public static References Of(string file, IReadOnlyCollection<string> toAssemblies)
    {
        using var image = new PEReader(File.OpenRead(file));
        return new References(image.GetMetadataReader(), toAssemblies);
    }

    private static string Spell(MetadataReader reader, MemberReference member)
    {
        var name = reader.GetString(member.Name);
        return member.GetKind() == MemberReferenceKind.Method
            ? SignatureText.Of(name, member.DecodeMethodSignature(SignatureText.Instance, null))
            : SignatureText.Of(name, member.DecodeFieldSignature(SignatureText.Instance, null));
    }

    private static string? DefinitionName(MetadataReader reader, EntityHandle parent) => parent.Kind switch
    {
        HandleKind.TypeReference =>
            SignatureText.Instance.GetTypeFromReference(reader, (TypeReferenceHandle)parent, 0),
        HandleKind.TypeSpecification =>
            reader.GetTypeSpecification((TypeSpecificationHandle)parent)
                .DecodeSignature(SignatureText.Instance, null).Split('<')[0],
        _ => null,
    };

    private static string AssemblyOf(MetadataReader reader, TypeReferenceHandle handle)
    {
        var scope = reader.GetTypeReference(handle).ResolutionScope;
        return scope.Kind switch
        {
            HandleKind.TypeReference => AssemblyOf(reader, (TypeReferenceHandle)scope),
            HandleKind.AssemblyReference =>
                reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)scope).Name),
            _ => "",
        };
    }
}
