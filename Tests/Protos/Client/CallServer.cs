using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ChunkOta.Protos.V1;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ChunkOta.Tests.Protos.Client;

/// <summary>A real gRPC server on a free loopback port, whose answers a test chooses.</summary>
internal sealed class CallServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private CallServer(WebApplication app, Uri uri)
    {
        _app = app;
        Uri = uri;
    }

    public Uri Uri { get; }

    public static async Task<CallServer> StartAsync(Answers answers, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(answers);
        var app = builder.Build();
        app.MapGrpcService<AnsweringAdministration>();
        app.MapGrpcService<AnsweringPublishing>();
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        return new CallServer(app, new Uri(address.Addresses.Single()));
    }

    /// <summary>A self-signed P-256 certificate such as the server makes for itself.</summary>
    public static X509Certificate2 Certificate(
        string dnsName, IPAddress? address = null, int fromDays = -1, int toDays = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={dnsName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dnsName);
        if (address is not null)
            names.AddIpAddress(address);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(fromDays), now.AddDays(toDays));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }

    public static byte[] SpkiSha256(X509Certificate2 certificate) =>
        SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo());

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    /// <summary>What the services do; the defaults answer emptily.</summary>
    internal sealed record Answers
    {
        public Func<ServerCallContext, Task<GetServerResponse>> GetServer { get; init; } =
            _ => Task.FromResult(new GetServerResponse());

        public Func<IAsyncStreamReader<PutRecipesRequest>, ServerCallContext,
        Task<PutRecipesResponse>> PutRecipes
        { get; init; } =
            (_, _) => Task.FromResult(new PutRecipesResponse());
    }

    internal sealed class AnsweringAdministration(Answers answers) : Administration.AdministrationBase
    {
        public override Task<GetServerResponse> GetServer(GetServerRequest request, ServerCallContext context) =>
            answers.GetServer(context);
    }

    internal sealed class AnsweringPublishing(Answers answers) : Publishing.PublishingBase
    {
        public override Task<PutRecipesResponse> PutRecipes(
            IAsyncStreamReader<PutRecipesRequest> requestStream, ServerCallContext context) =>
            answers.PutRecipes(requestStream, context);
    }
}
