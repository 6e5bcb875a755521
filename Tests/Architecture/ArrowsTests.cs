using System.Xml.Linq;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Architecture;

/// <summary>
/// Who may know whom. A project reference that is not listed here fails, and so does a listed one without a reason.
/// </summary>
public sealed class ArrowsTests
{
    private static readonly Dictionary<string, (string[] MayKnow, string Why)> Arrows = new()
    {
        ["Chunker"] = ([], "the bytes that both ends agree on depend on nothing, so that they can be proved alone"),
        ["Protos/Contract"] = (["Chunker"], "the contract names chunks and digests, and no side of the wire"),
        ["Protos/Client"] = (
            ["Chunker", "Protos/Contract"], "agent and admin connect, trust and count alike, without a disk"),
        ["Store/Durable"] = (["Chunker"],
            "the layer that writes files knows digests and errors; server and agent share it and nothing else of "
            + "Store"),
        ["Store/Core"] = (["Chunker", "Protos/Contract", "Store/Durable"],
            "the store knows documents and files, never HTTP or an agent"),
        ["Store/Sql"] = (["Chunker", "Store/Core"],
            "statements and migrations know what the catalogue stores, and no engine's driver"),
        ["Store/Sqlite"] = (["Chunker", "Store/Core", "Store/Sql"],
            "one engine, one project: its driver and its dialect, and nothing else of the server"),
        ["Store/Postgres"] = (["Chunker", "Store/Core", "Store/Sql"],
            "one engine, one project, as Store/Sqlite"),
        ["Store/S3"] = (["Store/Core"],
            "one kind of object store, one project: its library, and nothing else of the server"),
        ["Server/Core"] = (["Chunker", "Protos/Contract", "Store/Durable", "Store/Core"],
            "operations take and return records: no transport is needed to run or to test them"),
        ["Server/Host"] = (
            [
                "CommandLine", "Chunker", "Protos/Contract", "Store/Durable", "Store/Core", "Store/Sql",
                "Store/Sqlite", "Store/Postgres", "Store/S3", "Server/Core",
            ],
            "the host turns calls into operations, and opens the engines that settings name"),
        ["CommandLine"] = (["Chunker", "Protos/Contract"],
            "what the programs share as command lines is compiled into the static agent: it knows error codes alone"),
        ["Server/Admin"] = (["CommandLine", "Chunker", "Protos/Contract", "Protos/Client", "Store/Durable"],
            "ota-admin speaks gRPC; of Store it reads trees and writes key files, and never opens a store"),
        ["Agent/Core"] = (["Chunker", "Protos/Contract", "Protos/Client", "Store/Durable"],
            "a device holds no server: of Store it sees Durable alone"),
        ["Agent/Cli"] = (["CommandLine", "Chunker", "Protos/Contract", "Agent/Core"],
            "the command line is a shell around the engine"),
    };

    [Fact]
    public void Every_project_is_listed_and_nothing_knows_Tests_or_perf()
    {
        Assert.Equal(Arrows.Keys.Order(), ProductSources.Projects.Order());
        Assert.DoesNotContain(Arrows.Values, arrow => arrow.MayKnow.Any(to => to is "Tests" or "perf"));
    }

    [Fact]
    public void Project_references_go_only_along_the_arrows()
    {
        var strays = from project in Arrows
                     from reference in ReferencesOf(project.Key)
                     where !project.Value.MayKnow.Contains(reference)
                     select $"{project.Key} → {reference}, but {project.Value.Why}";

        Findings.AssertNone(strays);
    }

    [Fact]
    public void An_arrow_that_nothing_uses_is_not_listed()
    {
        var projects = ProductSources.All.ToLookup(source => source.Project);

        Findings.AssertNone(
            from arrow in Arrows
            from to in arrow.Value.MayKnow
            let declared = projects[to].ToLookup(source => source.Namespace, source => source.DeclaredNames)
            where !projects[arrow.Key].Any(source => declared.Any(names =>
                source.Sees(names.Key) && names.SelectMany(name => name).Any(source.Mentions().Contains)))
            select $"{arrow.Key} → {to}");
    }

    [Fact]
    public void The_arrows_have_no_cycle()
    {
        foreach (var start in Arrows.Keys) Assert.DoesNotContain(start, Reach(start));

        static HashSet<string> Reach(string from)
        {
            var seen = new HashSet<string>();
            var open = new Stack<string>(Arrows[from].MayKnow);
            while (open.TryPop(out var next))
            {
                if (seen.Add(next)) foreach (var to in Arrows[next].MayKnow) open.Push(to);
            }

            return seen;
        }
    }

    private static IEnumerable<string> ReferencesOf(string folder)
    {
        var project = Directory.EnumerateFiles(Repository.PathOf(folder), "*.csproj").Single();
        return from reference in XDocument.Load(project).Descendants("ProjectReference")
               let target = Path.GetFullPath(
                   Path.Combine(Path.GetDirectoryName(project)!, reference.Attribute("Include")!.Value))
               select Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(target)!);
    }
}
