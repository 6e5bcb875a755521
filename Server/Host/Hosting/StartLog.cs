using ChunkOta.Server.Core;
using ChunkOta.Storage;

namespace ChunkOta.Server;

/// <summary>Tells the operator of a started server where it listens and what to do next.</summary>
internal sealed partial class StartLog(ILogger<StartLog> log)
{
    /// <summary>Logs the addresses, the files that clients need, and the first command to type.</summary>
    /// <param name="ports">Open.</param>
    /// <param name="data">Has the files.</param>
    /// <param name="certificate">Null when there is no TLS port.</param>
    public void Write(Ports ports, DataFolder data, ServerCertificate? certificate)
    {
        if (ports.TlsUrl is { } tls) LogListening(tls, "TLS, for ota-admin and devices");
        if (ports.GrpcUrl is { } grpc) LogListening(grpc, "unencrypted gRPC, for this machine or a TLS proxy");
        if (ports.HttpUrl is { } http) LogListening(http, "unencrypted HTTP, for health and version");
        if (ports.MetricsUrl is { } metrics) LogListening(metrics, "unencrypted /metrics, for Prometheus");

        var token = data.PathOf(AdminToken.FileName);
        var authority = certificate is { IsSelfSigned: true } && !ports.IsBehindProxy
            ? data.PathOf(TlsFiles.CertificateFile)
            : null;
        LogToken(token);
        if (authority is not null) LogCertificate(authority);
        LogNext(
            $"ota-admin login {ports.ClientUrl} --token @{token}" + (authority is null ? "" : $" --ca {authority}"));
    }

    /// <summary>Warns of a catalogue that was restored from a backup, until each channel has gone on.</summary>
    public async Task WarnIfBehindAsync(ICatalogue catalogue)
    {
        if (await catalogue.Restores.FindLastAsync() is not { } restore) return;
        foreach (var behind in await catalogue.Restores.ListBehindAsync())
            LogBehind(behind.Channel, behind.Product, behind.Platform, restore.Taken);
    }

    [LoggerMessage(4094, LogLevel.Warning,
        "Channel {Channel} of {Product} ({Platform}) is behind: the server was restored from a backup of {Taken:u}, "
        + "and devices may have newer releases: publish with --after-restore, or promote such a release to it")]
    private partial void LogBehind(string channel, string product, string platform, DateTimeOffset taken);

    [LoggerMessage(4090, LogLevel.Information, "listening on {Url}: {Purpose}")]
    private partial void LogListening(string url, string purpose);

    [LoggerMessage(4091, LogLevel.Information, "the admin token is in {File}")]
    private partial void LogToken(string file);

    [LoggerMessage(4092, LogLevel.Information, "clients verify this server with {File}")]
    private partial void LogCertificate(string file);

    [LoggerMessage(4093, LogLevel.Information, "next: {Command}")]
    private partial void LogNext(string command);
}
