using System.Globalization;
using System.Text.Json;
using ChunkOta.Tests.Support;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace ChunkOta.Tests.EndToEnd.Deploying;

/// <summary>A question that a container engine asks a server to learn how it is.</summary>
/// <param name="Path">Of a GET on the port; empty for a command.</param>
/// <param name="Port">The port in the container.</param>
/// <param name="Command">The command in the container; empty for a GET.</param>
internal sealed record DescribedProbe(string Path, int Port, IReadOnlyList<string> Command);

/// <summary>One of the servers that a folder of deploy/ describes.</summary>
/// <param name="Name">What the folder calls it.</param>
/// <param name="Arguments">Of ota-server.</param>
/// <param name="Files">The files that it sees, from a path in the container to a path below the folder.</param>
/// <param name="Ports">Ports of the container that others reach.</param>
/// <param name="Probes">All of its probes.</param>
/// <param name="Patience">From SIGTERM to SIGKILL.</param>
internal sealed record DescribedServer(
    string Name, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Files, IReadOnlyList<int> Ports,
    IReadOnlyList<DescribedProbe> Probes, TimeSpan Patience);

/// <summary>Reads the servers and their neighbours from the files of deploy/, as a container engine would.</summary>
internal static class DescribedServers
{
    /// <summary>The servers of a folder.</summary>
    public static IReadOnlyList<DescribedServer> Read(string folder) =>
        folder == "compose" ? ReadCompose() : ReadKubernetes();

    /// <summary>The names by which servers reach the other services of a folder.</summary>
    public static IReadOnlyList<string> HostNames(string folder) => folder == "compose"
        ? [.. Compose().GetProperty("services").EnumerateObject().Select(service => service.Name)]
        : [.. Kubernetes("Service").Select(NameOf)];

    /// <summary>All documents of a file, with anchors resolved.</summary>
    private static List<JsonElement> DocumentsOf(string path)
    {
        using var text = new StreamReader(Repository.PathOf(path));
        var parser = new MergingParser(new Parser(text));
        var reader = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        var writer = new SerializerBuilder().JsonCompatible().Build();
        _ = parser.Consume<YamlDotNet.Core.Events.StreamStart>();
        List<JsonElement> documents = [];
        while (!parser.Accept<YamlDotNet.Core.Events.StreamEnd>(out _))
        {
            var document = reader.Deserialize<object>(parser)!;
            documents.Add(JsonSerializer.Deserialize<JsonElement>(writer.Serialize(document)));
        }

        return documents;
    }

    private static JsonElement Compose() => DocumentsOf("deploy/compose/compose.yaml").Single();

    private static IEnumerable<JsonElement> Kubernetes(string kind) =>
        from file in Texts(Kustomization().GetProperty("resources"))
        from document in DocumentsOf($"deploy/kubernetes/{file}")
        where document.GetProperty("kind").GetString() == kind
        select document;

    private static JsonElement Kustomization() => DocumentsOf("deploy/kubernetes/kustomization.yaml").Single();

    private static IReadOnlyList<DescribedServer> ReadCompose()
    {
        var compose = Compose();
        return
        [
            .. from service in compose.GetProperty("services").EnumerateObject()
               where service.Value.GetProperty("image").GetString()!.StartsWith("ota-server:", StringComparison.Ordinal)
               select new DescribedServer(
                   service.Name, Texts(service.Value.GetProperty("command")), FilesOf(compose, service.Value),
                   [.. Texts(service.Value.GetProperty("ports")).Select(port => NumberOf(port.Split(':')[^1]))],
                   [ProbeOf(service.Value.GetProperty("healthcheck"))],
                   SecondsOf(service.Value.GetProperty("stop_grace_period").GetString()!)),
        ];

        static Dictionary<string, string> FilesOf(JsonElement compose, JsonElement service) => new(
        [
            .. from secret in Texts(service.GetProperty("secrets"))
               select KeyValuePair.Create($"/run/secrets/{secret}", FileOf(compose, "secrets", secret)),
            .. from config in service.GetProperty("configs").EnumerateArray()
               select KeyValuePair.Create(
                   config.GetProperty("target").GetString()!,
                   FileOf(compose, "configs", config.GetProperty("source").GetString()!)),
        ]);

        static string FileOf(JsonElement compose, string section, string name) =>
            compose.GetProperty(section).GetProperty(name).GetProperty("file").GetString()!;

        static DescribedProbe ProbeOf(JsonElement healthcheck)
        {
            var test = Texts(healthcheck.GetProperty("test"));
            Assert.Equal(["CMD", "ota-server"], test.Take(2));
            return new DescribedProbe("", 0, [.. test.Skip(2)]);
        }

        static TimeSpan SecondsOf(string text)
        {
            Assert.EndsWith("s", text, StringComparison.Ordinal);
            return TimeSpan.FromSeconds(NumberOf(text[..^1]));
        }
    }

    private static IReadOnlyList<DescribedServer> ReadKubernetes()
    {
        var set = Kubernetes("StatefulSet").Single(one => NameOf(one) == "chunkota");
        var pod = set.GetProperty("spec").GetProperty("template").GetProperty("spec");
        var container = pod.GetProperty("containers").EnumerateArray().Single();
        var ports = container.GetProperty("ports").EnumerateArray().ToDictionary(
            port => port.GetProperty("name").GetString()!, port => port.GetProperty("containerPort").GetInt32());
        var server = new DescribedServer(
            "", Texts(container.GetProperty("args")), FilesOf(pod, container), [.. ports.Values],
            [.. new[] { "startupProbe", "livenessProbe", "readinessProbe" }.Select(ProbeOf)],
            TimeSpan.FromSeconds(
                pod.GetProperty("terminationGracePeriodSeconds").GetInt32()
                - container.GetProperty("lifecycle").GetProperty("preStop").GetProperty("sleep")
                    .GetProperty("seconds").GetInt32()));
        return
        [
            .. Enumerable.Range(0, set.GetProperty("spec").GetProperty("replicas").GetInt32())
                .Select(number => server with { Name = $"chunkota-{number}" }),
        ];

        DescribedProbe ProbeOf(string name)
        {
            var get = container.GetProperty(name).GetProperty("httpGet");
            Assert.Equal("HTTPS", get.GetProperty("scheme").GetString());
            return new DescribedProbe(
                get.GetProperty("path").GetString()!, ports[get.GetProperty("port").GetString()!], []);
        }
    }

    /// <summary>The files of the volumes that kustomize makes and the container mounts.</summary>
    private static Dictionary<string, string> FilesOf(JsonElement pod, JsonElement container)
    {
        var kustomization = Kustomization();
        var volumes = pod.GetProperty("volumes").EnumerateArray().ToDictionary(
            volume => volume.GetProperty("name").GetString()!);
        var files = new Dictionary<string, string>();
        foreach (var mount in container.GetProperty("volumeMounts").EnumerateArray())
        {
            if (!volumes.TryGetValue(mount.GetProperty("name").GetString()!, out var volume)) continue;
            var (generator, name) =
                volume.TryGetProperty("configMap", out var map) ? ("configMapGenerator", map.GetProperty("name"))
                : volume.TryGetProperty("secret", out map) ? ("secretGenerator", map.GetProperty("secretName"))
                : default;
            if (generator is null) continue;
            var generated = kustomization.GetProperty(generator).EnumerateArray()
                .Single(one => one.GetProperty("name").GetString() == name.GetString());
            foreach (var file in Texts(generated.GetProperty("files")))
                files.Add($"{mount.GetProperty("mountPath").GetString()}/{Path.GetFileName(file)}", file);
        }

        return files;
    }

    private static string NameOf(JsonElement resource) =>
        resource.GetProperty("metadata").GetProperty("name").GetString()!;

    private static int NumberOf(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static IReadOnlyList<string> Texts(JsonElement list) =>
        [.. list.EnumerateArray().Select(text => text.GetString()!)];
}
