using ChunkOta.Protos;
using ChunkOta.Server;
using ChunkOta.Tests.Support;

namespace ChunkOta.Tests.Server.Settings;

public sealed class SettingsLoaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Defaults_need_only_a_data_folder()
    {
        var settings = Load("Data=/srv/ota");

        Assert.Equal("/srv/ota", settings.Data);
        Assert.Equal("127.0.0.1:7080", settings.Listen.Grpc);
        Assert.Equal("127.0.0.1:7081", settings.Listen.Http);
        Assert.Equal("0.0.0.0:7443", settings.Listen.Tls);
    }

    [Fact]
    public void A_file_may_hold_comments_and_the_command_line_wins_over_it()
    {
        var file = Write("""
            {
              // A comment
              "Data": "/from/file",
              "Listen": { "Grpc": "127.0.0.1:1", "Http": "127.0.0.1:2" },
              "Tls": { "Names": ["a.example", "b.example"] },
            }
            """);

        var settings = Load(file, "Listen:Grpc=127.0.0.1:0");

        Assert.Equal("/from/file", settings.Data);
        Assert.Equal("127.0.0.1:0", settings.Listen.Grpc);
        Assert.Equal("127.0.0.1:2", settings.Listen.Http);
        Assert.Equal(["a.example", "b.example"], settings.Tls.Names);
    }

    [Fact]
    public void Of_a_setting_given_twice_the_last_counts() =>
        Assert.Equal("127.0.0.1:2", Load("Data=d", "Listen:Grpc=127.0.0.1:1", "listen:grpc=127.0.0.1:2").Listen.Grpc);

    [Fact]
    public void The_environment_sets_what_the_file_does_not()
    {
        var name = SettingsLoader.EnvironmentPrefix + "Publish__PacksAtOnce";
        Environment.SetEnvironmentVariable(name, "7");
        try
        {
            Assert.Equal(7, Load("Data=d").Publish.PacksAtOnce);
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    [Theory]
    [InlineData("Listen:Grcp=127.0.0.1:1", "unknown setting Listen:Grcp: Listen has Grpc, Http, Tls, Metrics")]
    [InlineData("Datta=x", "unknown setting Datta")]
    [InlineData("Listen:Grpc=7080", "Listen:Grpc is not an address: '7080'")]
    [InlineData("Listen:Grpc=127.0.0.1:99999", "Listen:Grpc is not an address: '127.0.0.1:99999'")]
    [InlineData("Limits:Connections=0", "Limits:Connections is out of range: 0: choose 1 to 1000000")]
    [InlineData("Collection:GraceHours=-1", "Collection:GraceHours is out of range: -1: choose 0 to 8760")]
    [InlineData("Limits:Connections=many", "Limits:Connections")]
    [InlineData("Log:Level=Loud", "Log:Level")]
    [InlineData("Tls:Certificate=/nowhere.pem", "Tls:Certificate and Tls:Key belong together")]
    [InlineData("Tls:Names:0=no spaces", "neither a host name nor an address")]
    [InlineData("Source:Url=/srv/source", "Source:Url is not a web address: '/srv/source'")]
    [InlineData("Listen:Metrics=7082", "Listen:Metrics is not an address: '7082'")]
    [InlineData("Telemetry:Otlp=localhost:4317", "Telemetry:Otlp is not a web address: 'localhost:4317'")]
    [InlineData("Telemetry:Protocol=udp", "unknown Telemetry:Protocol: 'udp': choose grpc, http")]
    [InlineData("Telemetry:TracePercent=101", "Telemetry:TracePercent is out of range: 101: choose 0 to 100")]
    [InlineData("Store:Dedup=channel", "unknown Store:Dedup: 'channel': choose store, product")]
    [InlineData("Log:Format=xml", "unknown Log:Format: 'xml': choose line, json, systemd")]
    [InlineData("Listen:PublicNames:0=https://a.example", "Listen:PublicNames has 'https://a.example'")]
    [InlineData("Listen:PublicNames:0=a.example:443", "without the port 443")]
    [InlineData("Listen:TrustedProxies:0=10.0.0.0/99", "Listen:TrustedProxies has '10.0.0.0/99'")]
    [InlineData("Catalogue:Postgres=Host=db", "Catalogue:Postgres: the connection string of PostgreSQL is invalid")]
    [InlineData("Catalogue:Postgres=Host=db;Database=ota;Password=x", "it has a password")]
    [InlineData("Catalogue:PasswordFile=/nowhere", "Catalogue:PasswordFile names a file that does not exist")]
    [InlineData("Objects:Folder=/srv/objects", "Objects:Folder needs Catalogue:Postgres")]
    [InlineData("Data:Deep=1", "Data takes one value")]
    [InlineData("Listen:PublicNames=a.example", "takes a list: write Listen:PublicNames:0=a.example")]
    [InlineData("Objects:S3:Bucket=releases", "Objects:S3:Endpoint and Objects:S3:Bucket belong together")]
    [InlineData("Objects:S3:Endpoint=s3.example", "Objects:S3:Endpoint is not the address of a service")]
    [InlineData("Objects:S3:Endpoint=https://s3.example/releases", "without the bucket")]
    [InlineData("Objects:S3:Bucket=Releases", "Objects:S3:Bucket is not the name of a bucket: 'Releases'")]
    [InlineData("Objects:S3:Prefix=a//b", "Objects:S3:Prefix is not a folder: 'a//b'")]
    [InlineData("Objects:S3:Credentials=/nowhere", "Objects:S3:Credentials names a file that does not exist")]
    [InlineData("Backup:S3:Bucket=releases", "Backup:S3:Endpoint and Backup:S3:Bucket belong together")]
    [InlineData("Backup:Folder=backup", "Backup:Folder is not a full path: 'backup'")]
    [InlineData("Backup:Folder=/", "Backup:Folder holds the server's own files")]
    [InlineData("Backup:EveryHours=24", "Backup:EveryHours needs a place")]
    [InlineData("Objects:S3:DeadlineSeconds=0", "Objects:S3:DeadlineSeconds is out of range: 0: choose 1 to 600")]
    [InlineData("Objects:S3:SecretKey=x", "unknown setting Objects:S3:SecretKey: Objects:S3 has Endpoint, Bucket")]
    [InlineData("Listen=0.0.0.0:7443", "Listen is a section: write Listen:KEY=VALUE")]
    public void Nonsense_is_named(string assignment, string expected)
    {
        var failure = Assert.Throws<SettingsInvalidException>(() => Load("Data=d", assignment));

        Assert.Equal("CONFIG_INVALID", failure.Code);
        Assert.Contains(failure.Faults, fault => fault.Contains(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "Data": "d", "Tls": { "Certificate": null } }""", "Tls:Certificate is null")]
    public void A_null_is_named(string json, string fault)
    {
        var failure = Assert.Throws<SettingsInvalidException>(() => Load(Write(json)));

        Assert.Contains(failure.Faults, named => named.Contains(fault, StringComparison.Ordinal));
    }

    [Fact]
    public void All_faults_are_named_at_once()
    {
        var failure = Assert.Throws<SettingsInvalidException>(() =>
            Load("Limits:Connections=0", "What=1", "Publish:PacksAtOnce=0"));

        Assert.Equal(4, failure.Faults.Count);
    }

    [Fact]
    public void A_file_that_is_no_json_is_named()
    {
        var failure = Assert.Throws<SettingsInvalidException>(() => Load(Write("{ nonsense"), "Data=d"));

        Assert.Contains("settings.json", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_may_begin_with_a_byte_order_mark_and_end_its_lines_in_CRLF()
    {
        var file = Write("\ufeff{\r\n  \"Data\": \"/srv/ota\"\r\n}\r\n");

        Assert.Equal("/srv/ota", Load(file).Data);
    }

    [Fact]
    public void A_file_in_UTF16_is_refused_by_name()
    {
        var file = Write("{ }");
        File.WriteAllText(file, "{ \"Data\": \"/srv/ota\" }", System.Text.Encoding.Unicode);

        var failure = Assert.Throws<SettingsInvalidException>(() => Load(file));

        Assert.Contains("settings.json: it is UTF-16", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var failure = Assert.Throws<SettingsInvalidException>(() => Load(_folder["none.json"], "Data=d"));

        Assert.Contains("none.json", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_is_in_the_documentation_with_its_default()
    {
        var rows = File.ReadLines(Repository.PathOf("docs/server.md")).SkipWhile(line => line != "## Settings")
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(cells => (Key: cells[1].Trim('`'), Default: cells[2].Trim('`')))
            .ToList();

        var settings = SettingsLoader.Enumerate(new ServerSettings())
            .Select(setting => (setting.Key, Default: setting.Value switch
            {
                IEnumerable<string> => "",
                var value => FormattableString.Invariant($"{value}"),
            }));
        Assert.Equal(settings, rows);
    }

    [Fact]
    public void A_setting_that_messages_name_exists() => Assert.Contains(
        ServerSettingNames.ReleaseBytes, SettingsLoader.Enumerate(new ServerSettings()).Select(setting => setting.Key));

    private string Write(string json)
    {
        var file = _folder["settings.json"];
        File.WriteAllText(file, json);
        return file;
    }

    private static ServerSettings Load(params string[] arguments)
    {
        var file = arguments.FirstOrDefault(argument => argument.StartsWith('/'));
        return SettingsLoader.Load(file, arguments.Where(argument => argument != file).Select(argument =>
            new KeyValuePair<string,
                string?>(argument[..argument.IndexOf('=')], argument[(argument.IndexOf('=') + 1)..])));
    }
}
