using System.CommandLine;
using ChunkOta.Cli;
using ChunkOta.Protos;
using ChunkOta.Protos.V1;

namespace ChunkOta.Admin;

/// <summary><c>channels renew</c>: signs a channel's pointer for another while.</summary>
internal sealed class ChannelsRenewVerb : AdminVerb
{
    private const int MaxSignings = 3;

    private readonly Argument<string> _product = new("PRODUCT") { Description = "The product." };

    private readonly Argument<string> _channel = new("CHANNEL") { Description = "The channel." };

    private readonly Option<string> _platform = new("--platform")
    {
        Description = "Such as linux-x64, or any.",
        HelpName = "RID",
        Required = true,
    };

    private readonly Option<string> _keys = new("--keys")
    {
        Description = "The folder with root.json and channel.key; release.key is not needed.",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<TimeSpan> _pointerLife = PublishVerb.PointerLifeOption();

    public ChannelsRenewVerb(AdminContext context) : base(context, "renew",
        "Signs a channel's pointer anew, naming the same release: run it daily, or devices will stop to install.",
        "ota-admin channels renew app stable --platform linux-x64 --keys keys")
    {
        Add(_product);
        Add(_channel);
        Add(_platform);
        Add(_keys);
        Add(_pointerLife);
    }

    protected override async Task ExecuteAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var product = parsed.GetRequiredValue(_product);
        Names.CheckProduct(product);
        using var keys = PublisherKeys.Open(
            parsed.GetRequiredValue(_keys), product, needsRelease: false, Clock.GetUtcNow());
        using var session = await OpenSessionAsync(parsed, cancellationToken);
        var renewed = await RenewAsync(session, keys, parsed, cancellationToken);
        var line = new RenewedChannel(product, renewed.Platform, renewed.Channel, renewed.Current.Version, renewed.Seq,
            renewed.ExpiresUnixSeconds);
        if (IsJson(parsed))
            Terminal.WriteJson(line, AdminJson.Default.RenewedChannel);
        else
            Terminal.WriteLine(
                $"renewed {product} {line.Platform} {line.Channel} ({line.Version}) until "
                + $"{Printable.Time(line.ExpiresUnixSeconds)}");
    }

    private async Task<ChannelPointer> RenewAsync(
        Session session, PublisherKeys keys, ParseResult parsed, CancellationToken cancellationToken)
    {
        for (var signing = 1; ; signing++)
        {
            var previous = await ReadAsync(session, keys, parsed, cancellationToken);
            var renewed = ReleaseDocuments.Sign(
                ReleaseDocuments.Renewed(previous, Clock.GetUtcNow(), parsed.GetValue(_pointerLife)), keys);
            try
            {
                await session.Administration.PutPointerAsync(
                    new PutPointerRequest { Pointer = renewed.Envelope }, cancellationToken: cancellationToken);
                return renewed.Value;
            }
            catch (ChunkOtaException e) when (e.Code == ErrorCodes.SeqTaken && signing < MaxSignings)
            {
                // Somebody signed one meanwhile: theirs is read and followed.
                continue;
            }
        }
    }

    private async Task<VerifiedPointer> ReadAsync(
        Session session, PublisherKeys keys, ParseResult parsed, CancellationToken cancellationToken)
    {
        var (product, platform, name) =
            (parsed.GetRequiredValue(_product), parsed.GetRequiredValue(_platform), parsed.GetRequiredValue(_channel));
        var listed = await session.Administration.ListChannelsAsync(
            new ListChannelsRequest { Product = product }, cancellationToken: cancellationToken);
        var channel = listed.Channels.FirstOrDefault(channel => channel.Platform == platform && channel.Name == name)
            ?? throw new ChunkOtaException(ErrorCodes.ChannelUnknown, $"{product} {platform} has no channel '{name}'");
        return BegunPublish.ReadPointer(channel.Pointer, product, platform, name, keys)
            ?? throw new ChunkOtaException(
                ErrorCodes.ChannelUnknown, $"the channel '{name}' of {product} {platform} has no pointer yet");
    }
}
