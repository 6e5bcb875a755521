using ChunkOta.Server.Core;
using ChunkOta.Storage;
using ChunkOta.Storage.Postgres;

namespace ChunkOta.Server;

/// <summary>All settings of the server with their defaults: bound once at start, checked, then passed as
/// values.</summary>
/// <remarks>
/// Sources, later ones win: the defaults here, the settings file, <c>OTA_SERVER__Section__Key</c> in the environment,
/// <c>Section:Key=value</c> on the command line. An unknown key is an error. <c>docs/server.md</c> lists them all.
/// </remarks>
internal sealed record ServerSettings
{
    /// <summary>The data folder; created with mode 0700 if it is missing. It must be set.</summary>
    public string Data { get; init; } = "";

    /// <summary>Addresses to listen on.</summary>
    public ListenSettings Listen { get; init; } = new();

    /// <summary>The certificate of the TLS port.</summary>
    public TlsSettings Tls { get; init; } = new();

    /// <summary>The catalogue: SQLite in the data folder, or PostgreSQL.</summary>
    public CatalogueSettings Catalogue { get; init; } = new();

    /// <summary>The objects: in the data folder, or elsewhere.</summary>
    public ObjectSettings Objects { get; init; } = new();

    /// <summary>Which products share stored content.</summary>
    public StoreSettings Store { get; init; } = new();

    /// <summary>A second copy of the objects.</summary>
    public ReplicaSettings Replica { get; init; } = new();

    /// <summary>Limits of connections, requests and documents.</summary>
    public LimitSettings Limits { get; init; } = new();

    /// <summary>Taking releases in.</summary>
    public PublishSettings Publish { get; init; } = new();

    /// <summary>Giving releases out.</summary>
    public FetchSettings Fetch { get; init; } = new();

    /// <summary>Building and keeping deltas.</summary>
    public DeltaSettings Deltas { get; init; } = new();

    /// <summary>Verifying the store.</summary>
    public ScrubSettings Scrub { get; init; } = new();

    /// <summary>Freeing what no release needs.</summary>
    public CollectionSettings Collection { get; init; } = new();

    /// <summary>Copies of the server that it can be restored from.</summary>
    public BackupSettings Backup { get; init; } = new();

    /// <summary>Serving devices.</summary>
    public DeviceSettings Devices { get; init; } = new();

    /// <summary>The log, on standard error.</summary>
    public LogSettings Log { get; init; } = new();

    /// <summary>Sending metrics and traces to a collector.</summary>
    public TelemetrySettings Telemetry { get; init; } = new();

    /// <summary>The source code of the running version.</summary>
    public SourceSettings Source { get; init; } = new();

    /// <summary>One line for each invalid setting.</summary>
    public IEnumerable<string> FindFaults()
    {
        if (string.IsNullOrWhiteSpace(Data)) yield return $"{nameof(Data)} is not set: pass --data DIR";
        foreach (var fault in Listen.FindFaults()) yield return fault;
        foreach (var fault in Tls.FindFaults()) yield return fault;
        foreach (var fault in Catalogue.FindFaults()) yield return fault;
        foreach (var fault in Objects.FindFaults(Catalogue)) yield return fault;
        foreach (var fault in Store.FindFaults()) yield return fault;
        foreach (var fault in Replica.FindFaults()) yield return fault;
        foreach (var fault in Limits.FindFaults()) yield return fault;
        foreach (var fault in Publish.FindFaults()) yield return fault;
        foreach (var fault in Fetch.FindFaults()) yield return fault;
        foreach (var fault in Deltas.FindFaults()) yield return fault;
        foreach (var fault in Scrub.FindFaults()) yield return fault;
        foreach (var fault in Collection.FindFaults()) yield return fault;
        foreach (var fault in Backup.FindFaults(Data, Objects)) yield return fault;
        foreach (var fault in Devices.FindFaults()) yield return fault;
        foreach (var fault in Source.FindFaults()) yield return fault;
        foreach (var fault in Log.FindFaults()) yield return fault;
        foreach (var fault in Telemetry.FindFaults()) yield return fault;
    }
}

/// <summary>Which products share stored content.</summary>
internal sealed record StoreSettings
{
    private const string ByStore = "store";
    private const string ByProduct = "product";

    private static readonly SettingSection Section = new(nameof(ServerSettings.Store));

    /// <summary>The products that share content: <c>store</c> for all, <c>product</c> to isolate those that are created
    /// from now on.</summary>
    public string Dedup { get; init; } = ByStore;

    /// <summary>True if new products are isolated.</summary>
    public bool IsolatesProducts() => Dedup == ByProduct;

    public IEnumerable<string> FindFaults()
    {
        if (Dedup is not (ByStore or ByProduct))
            yield return $"unknown {Section.KeyOf(nameof(Dedup))}: '{Dedup}': choose {ByStore}, {ByProduct}";
    }
}

/// <summary>The catalogue: SQLite in the data folder, or a PostgreSQL database that several servers share.</summary>
internal sealed record CatalogueSettings
{
    private static readonly SettingSection Section = new(nameof(ServerSettings.Catalogue));

    /// <summary>The connection string of the database, without its password; empty for SQLite.</summary>
    public string Postgres { get; init; } = "";

    /// <summary>The file that holds the password; empty for <c>PGPASSWORD</c>, <c>PGPASSFILE</c> or none.</summary>
    public string PasswordFile { get; init; } = "";

    /// <summary>True for SQLite in the data folder.</summary>
    public bool IsInDataFolder() => Postgres.Length == 0;

    /// <summary>The database, with its password.</summary>
    /// <exception cref="ChunkOtaException">CONFIG_INVALID.</exception>
    public PostgresDatabase ToDatabase()
    {
        try
        {
            return PostgresDatabase.Parse(
                Postgres, PasswordFile.Length == 0 ? null : File.ReadAllText(PasswordFile).TrimEnd());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ChunkOtaException(
                ErrorCodes.ConfigInvalid,
                $"the password file cannot be read: {PasswordFile}: {failure.Message}", failure);
        }
    }

    public IEnumerable<string> FindFaults()
    {
        var (key, file) = (Section.KeyOf(nameof(Postgres)), Section.KeyOf(nameof(PasswordFile)));
        if (PasswordFile.Length != 0 && IsInDataFolder())
            yield return $"{file} has no use without {key}";
        if (PasswordFile.Length != 0 && !File.Exists(PasswordFile))
            yield return $"{file} names a file that does not exist: '{PasswordFile}'";
        else if (!IsInDataFolder() && FaultOfDatabase() is { } fault)
            yield return $"{key}: {fault}";
    }

    private string? FaultOfDatabase()
    {
        try
        {
            _ = ToDatabase();
            return null;
        }
        catch (ChunkOtaException failure)
        {
            return failure.Message;
        }
    }
}

/// <summary>Taking releases in.</summary>
internal sealed record PublishSettings
{
    private static readonly SettingSection Section = new(nameof(ServerSettings.Publish));

    /// <summary>Packs being filled at once, over all publishes: each holds about 16 MiB in memory.</summary>
    public int PacksAtOnce { get; init; } = StoreOptions.Default.PacksAtOnce;

    /// <summary>The most of them that one caller fills.</summary>
    public int PacksPerCaller { get; init; } = StoreOptions.Default.PacksPerCaller;

    /// <summary>Uploads of one caller at once.</summary>
    public int StreamsPerCaller { get; init; } = 8;

    /// <summary>Bytes a second of one caller's uploads; 0 for no limit.</summary>
    public long CallerBytesPerSecond { get; init; }

    /// <summary>The longest pause between two messages of an upload, seconds. At 10 kB/s, the lowest limit that
    /// ota-admin accepts for its own rate, a message takes 52.</summary>
    public int IdleSeconds { get; init; } = 120;

    public IEnumerable<string> FindFaults() =>
    [
        .. Section.CheckRange(PacksAtOnce, 1, 64),
        .. Section.CheckRange(PacksPerCaller, 1, 64),
        .. Section.CheckRange(StreamsPerCaller, 1, 1000),
        .. Section.CheckRange(CallerBytesPerSecond, 0, 1L << 50),
        .. Section.CheckRange(IdleSeconds, 5, 3600),
    ];
}

/// <summary>Verifying the store.</summary>
internal sealed record ScrubSettings
{
    private static readonly SettingSection Section = new(nameof(ServerSettings.Scrub));

    /// <summary>Hours between two quick passes; 0: only when ota-admin verify asks.</summary>
    public int QuickHours { get; init; } = 24;

    /// <summary>Hours between two full passes; 0: only when ota-admin verify asks.</summary>
    public int FullHours { get; init; } = 30 * 24;

    /// <summary>Bytes that a pass reads a second, on average.</summary>
    public long BytesPerSecond { get; init; } = StoreOptions.Default.ScrubBytesPerSecond;

    /// <summary>The schedule.</summary>
    public ScrubOptions ToOptions() => new(TimeSpan.FromHours(QuickHours), TimeSpan.FromHours(FullHours));

    public IEnumerable<string> FindFaults() =>
    [
        .. Section.CheckRange(QuickHours, 0, 24 * 366),
        .. Section.CheckRange(FullHours, 0, 24 * 366),
        .. Section.CheckRange(BytesPerSecond, 1024 * 1024, 1L << 40),
    ];
}

/// <summary>Freeing what no release needs.</summary>
internal sealed record CollectionSettings
{
    private const int MaxHours = 365 * 24;
    private static readonly SettingSection Section = new(nameof(ServerSettings.Collection));

    /// <summary>Hours between two collections; 0 for none but those that are asked for.</summary>
    public int EveryHours { get; init; } = 24;

    /// <summary>Hours for which a deleted release can come back, and an old pack stays after a compaction.</summary>
    public int GraceHours { get; init; } = (int)CollectionOptions.Default.Grace.TotalHours;

    /// <summary>Hours for which an object stays that the catalogue does not know.</summary>
    public int OrphanHours { get; init; } = (int)CollectionOptions.Default.OrphanGrace.TotalHours;

    /// <summary>Days without a report after which a device keeps no release.</summary>
    public int DeviceDays { get; init; } = (int)CollectionOptions.Default.DeviceLife.TotalDays;

    /// <summary>A pack of which less than this percentage is needed is rewritten; 0 for none.</summary>
    public int CompactBelowPercent { get; init; } = CollectionOptions.Default.CompactBelowPercent;

    public IEnumerable<string> FindFaults() =>
    [
        .. Section.CheckRange(EveryHours, 0, MaxHours),
        .. Section.CheckRange(GraceHours, 0, MaxHours),
        .. Section.CheckRange(OrphanHours, 0, MaxHours),
        .. Section.CheckRange(DeviceDays, 1, 3650),
        .. Section.CheckRange(CompactBelowPercent, 0, 90),
    ];
}

/// <summary>Copies of the server that it can be restored from.</summary>
internal sealed record BackupSettings
{
    private static readonly SettingSection Section = new(nameof(ServerSettings.Backup));

    /// <summary>The section of <see cref="S3"/>, for messages.</summary>
    public static SettingSection S3Section { get; } = new(Section.KeyOf(nameof(S3)));

    /// <summary>The folder of the backups, on another disk; empty for none.</summary>
    public string Folder { get; init; } = "";

    /// <summary>A bucket for the backups, of the same or another S3 service.</summary>
    public S3Settings S3 { get; init; } = new();

    /// <summary>Hours between two backups that the server makes by itself; 0 for none.</summary>
    public int EveryHours { get; init; }

    /// <summary>The newest backups that stay when another one is made; 0 for all.</summary>
    public int Keep { get; init; }

    /// <summary>True when there is a place for backups.</summary>
    public bool IsSet() => Folder.Length != 0 || S3.Bucket.Length != 0;

    public IEnumerable<string> FindFaults(string data, ObjectSettings objects)
    {
        foreach (var fault in S3.FindFaults(S3Section)) yield return fault;
        foreach (var fault in Section.CheckRange(EveryHours, 0, 24 * 366)) yield return fault;
        foreach (var fault in Section.CheckRange(Keep, 0, 10_000)) yield return fault;
        if (Folder.Length != 0 && S3.Bucket.Length != 0)
            yield return $"{Section.KeyOf(nameof(Folder))} and {Section.KeyOf(nameof(S3))} exclude each other: set one";
        if (EveryHours > 0 && !IsSet())
            yield return $"{Section.KeyOf(nameof(EveryHours))} needs a place: set {Section.KeyOf(nameof(Folder))} or "
                + Section.KeyOf(nameof(S3));
        if (S3.Bucket.Length != 0 && (S3.Endpoint, S3.Bucket, S3.Prefix.Trim('/'))
            == (objects.S3.Endpoint, objects.S3.Bucket, objects.S3.Prefix.Trim('/')))
            yield return $"{Section.KeyOf(nameof(S3))} is where the server's objects are: choose another prefix or, "
                + "better, another service";
        if (Folder.Length != 0 && !Path.IsPathFullyQualified(Folder))
            yield return $"{Section.KeyOf(nameof(Folder))} is not a full path: '{Folder}': begin it with /";
        // Pruning removes what no backup needs: never what a server has.
        else if (Folder.Length != 0 && (AreNested(Folder, data) || AreNested(Folder, objects.Folder)))
            yield return $"{Section.KeyOf(nameof(Folder))} holds the server's own files, or they hold it: '{Folder}': "
                + "choose a folder on another disk";
    }

    private static bool AreNested(string one, string other)
    {
        if (other.Length == 0) return false;
        var (left, right) = (FolderOf(one), FolderOf(other));
        return left.StartsWith(right, StringComparison.Ordinal) || right.StartsWith(left, StringComparison.Ordinal);
    }

    private static string FolderOf(string path) => Path.GetFullPath(path).TrimEnd('/') + "/";
}

/// <summary>Serving devices.</summary>
internal sealed record DeviceSettings
{
    private static readonly SettingSection Section = new(nameof(ServerSettings.Devices));

    /// <summary>Time after which a polling agent is asked to check again, seconds.</summary>
    public int PollSeconds { get; init; } = 300;

    /// <summary>Nonces of device calls that are remembered; beyond them calls are refused as busy.</summary>
    public int NoncesRemembered { get; init; } = 500_000;

    /// <summary>Devices that listen for new releases at once; others poll.</summary>
    public int Listeners { get; init; } = 10_000;

    public IEnumerable<string> FindFaults() =>
    [
        .. Section.CheckRange(Listeners, 0, 1_000_000),
        .. Section.CheckRange(PollSeconds, 1, 30 * 24 * 3600),
        .. Section.CheckRange(NoncesRemembered, 1000, 100_000_000),
    ];
}

/// <summary>Sending metrics and traces to a collector.</summary>
internal sealed record TelemetrySettings
{
    /// <summary>OTLP over gRPC.</summary>
    public const string GrpcProtocol = "grpc";

    private const string HttpProtocol = "http";
    private const string Off = "off";

    private static readonly SettingSection Section = new(nameof(ServerSettings.Telemetry));

    /// <summary>The URL of an OpenTelemetry collector, or <c>off</c>.</summary>
    public string Otlp { get; init; } = Off;

    /// <summary>The protocol that the collector speaks at that URL: <c>grpc</c> or <c>http</c>.</summary>
    public string Protocol { get; init; } = GrpcProtocol;

    /// <summary>Requests of a hundred whose spans are sent.</summary>
    public int TracePercent { get; init; } = 10;

    /// <summary>The URL of the collector; null when nothing is sent.</summary>
    public Uri? FindCollector() =>
        Otlp.Equals(Off, StringComparison.OrdinalIgnoreCase) ? null : new Uri(Otlp.TrimEnd('/') + "/");

    public IEnumerable<string> FindFaults()
    {
        if (!Otlp.Equals(Off, StringComparison.OrdinalIgnoreCase)
            && (!Uri.TryCreate(Otlp, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")))
            yield return $"{Section.KeyOf(nameof(Otlp))} is not a web address: '{Otlp}': "
                + "use http://HOST:4317 or https://HOST:4317, or off";
        if (Protocol is not (GrpcProtocol or HttpProtocol))
            yield return $"unknown {Section.KeyOf(nameof(Protocol))}: '{Protocol}': "
                + $"choose {GrpcProtocol}, {HttpProtocol}";
        foreach (var fault in Section.CheckRange(TracePercent, 0, 100)) yield return fault;
    }
}
