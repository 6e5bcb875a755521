namespace ChunkOta.Server;

/// <summary>The certificate of the TLS port: self-signed, or the operator's own.</summary>
internal sealed record TlsSettings
{
    private static readonly SettingSection Section = new(nameof(ServerSettings.Tls));

    /// <summary>Host names and addresses of the self-signed certificate, besides this machine's own.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The operator's own certificate chain, a PEM file; empty for a self-signed certificate in the data
    /// folder.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>The private key of <see cref="Certificate"/>, a PEM file.</summary>
    public string Key { get; init; } = "";

    /// <summary>The keys of the two files, for messages.</summary>
    public static string FileKeys => $"{Section.KeyOf(nameof(Certificate))} and {Section.KeyOf(nameof(Key))}";

    public IEnumerable<string> FindFaults()
    {
        foreach (var name in Names)
        {
            if (Uri.CheckHostName(name) == UriHostNameType.Unknown)
                yield return $"{Section.KeyOf(nameof(Names))} has '{name}', which is neither a host name nor an "
                    + "address";
        }

        if (Certificate.Length == 0 != (Key.Length == 0))
            yield return $"{FileKeys} belong together: set both or none";
        if (Certificate.Length != 0 && !File.Exists(Certificate))
            yield return $"{Section.KeyOf(nameof(Certificate))} names a file that does not exist: '{Certificate}'";
        if (Key.Length != 0 && !File.Exists(Key))
            yield return $"{Section.KeyOf(nameof(Key))} names a file that does not exist: '{Key}'";
    }
}
