namespace ChunkOta.Server;

/// <summary>Everything an operator can set, with its defaults: bound once at
/// start, checked, then passed as values.</summary>
/// <remarks>
/// Sources, later ones win: the defaults here, the settings file, <c>OTA_SERVER__Section__Key</c> in the environment,
/// <c>Section:Key=value</c> on the command line. An unknown key is an error. <c>docs/server.md</c>
/// lists them all. </remarks>
internal sealed record ServerSettings
{
    /// <summary>The data folder; made with mode 0700 when it is not there. It must be set.</summary>
    public string Data { get; init; } = "";

    /// <summary>Where the server listens.</summary>
    public ListenSettings Listen { get; init; } = new();

    /// <summary>The certificate of the TLS port.</summary>
    public TlsSettings Tls { get; init; } = new();

    /// <summary>What one connection, request or document may take.</summary>
    public LimitSettings Limits { get; init; } = new();

    /// <summary>How releases are taken in.</summary>
    public PublishSettings Publish { get; init; } = new();

    /// <summary>How releases are given out.</summary>
    public FetchSettings Fetch { get; init; } = new();

    /// <summary>How deltas are made and kept.</summary>
    public DeltaSettings Deltas { get; init; } = new();

    /// <summary>How devices are dealt with.</summary>
    public DeviceSettings Devices { get; init; } = new();

    /// <summary>What is logged, to standard error.</summary>
    public LogSettings Log { get; init; } = new();

    /// <summary>Names every setting that makes no sense; empty when all is well.</summary>
    public IEnumerable<string> FindFaults()
    {
        if (string.IsNullOrWhiteSpace(Data)) yield return "Data is not set: say --data DIR";
        foreach (var fault in Listen.FindFaults()) yield return fault;
        foreach (var fault in Tls.FindFaults()) yield return fault;
        foreach (var fault in Limits.FindFaults()) yield return fault;
        foreach (var fault in Publish.FindFaults()) yield return fault;
        foreach (var fault in Fetch.FindFaults()) yield return fault;
        foreach (var fault in Deltas.FindFaults()) yield return fault;
        foreach (var fault in Devices.FindFaults()) yield return fault;
    }
}
