namespace ChunkOta.Server;

/// <summary>The certificate of the TLS port: made by the server, or the operator's own.</summary>
internal sealed record TlsSettings
{
    /// <summary>Host names and addresses besides this machine's own that
    /// the self-signed certificate is made for.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The operator's own certificate chain, a PEM file; empty: self-signed, in the data folder.</summary>
    public string Certificate { get; init; } = "";

    /// <summary>The private key of <see cref="Certificate"/>, a PEM file.</summary>
    public string Key { get; init; } = "";

    public IEnumerable<string> FindFaults()
    {
        foreach (var name in Names)
        {
            if (Uri.CheckHostName(name) == UriHostNameType.Unknown)
                yield return $"Tls:Names has '{name}', which is neither a host name nor an address";
        }

        if (Certificate.Length == 0 != (Key.Length == 0))
            yield return "Tls:Certificate and Tls:Key go together: set both or none";
        if (Certificate.Length != 0 && !File.Exists(Certificate))
            yield return $"Tls:Certificate is '{Certificate}', which is not there";
        if (Key.Length != 0 && !File.Exists(Key))
            yield return $"Tls:Key is '{Key}', which is not there";
    }
}
